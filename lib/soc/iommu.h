/* SPDX-License-Identifier: MIT */
#ifndef SOC_IOMMU_H
#define SOC_IOMMU_H

/*
 * Does an IOMMU of this machine translate what devices say? By its groups in sysfs: "identity" is
 * passed through (drivers/iommu/iommu.c, iommu_group_show_type()), and so is a group that VFIO made
 * for a device without an IOMMU; anything else is not. "blocked" lets nothing through, which makes
 * a physical address no better.
 * 1 yes, for some device; 0 no; -errno
 */
int iommu_translates(const char *root);
/* The same of one group. It may not exist: then nothing says that it does not translate. */
int iommu_group_translates(const char *root, const char *group);

/*
 * The same of one device, by its folder below root ("/sys/bus/pci/devices/0000:00:04.0"): its own
 * group decides, no other one. A group whose devices VFIO drives has the addresses that VFIO's
 * user gives it, though its type still says "identity". -ENOENT it is in no group.
 */
int iommu_of_device(const char *root, const char *device);

/* Has the kernel a driver for an IOMMU that is there? Then a device may be put in a group yet. */
int iommu_present(const char *root);

#endif
