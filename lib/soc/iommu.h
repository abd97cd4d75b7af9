/* SPDX-License-Identifier: MIT */
#ifndef SOC_IOMMU_H
#define SOC_IOMMU_H

/*
 * Does an IOMMU of this machine translate what devices say? By its groups in sysfs: "identity" is
 * passed through, anything else is not (drivers/iommu/iommu.c, iommu_group_show_type()).
 * 1 yes, for some device; 0 no; -errno
 */
int iommu_translates(const char *root);

#endif
