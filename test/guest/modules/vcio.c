// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/vcio as the Raspberry Pi kernel has it: one ioctl that takes a property message to the
 * firmware and back. The memory tags are served here, because QEMU's firmware has none.
 */
#include <linux/compat.h>
#include <linux/fs.h>
#include <linux/ioctl.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/uaccess.h>

#include "vcio.h"

/* the size in the number is that of a pointer, so a 32-bit program has another number */
#define IOCTL_MBOX_PROPERTY   _IOWR(100, 0, char *)
#define IOCTL_MBOX_PROPERTY32 _IOWR(100, 0, compat_uptr_t)
#define VCIO_MAX_MESSAGE      SZ_1M /* the firmware refuses larger ones */

static bool old;
module_param(old, bool, 0644);
MODULE_PARM_DESC(old, "the mach-bcm2708 driver: a failed message is copied back; exclusive open");
static unsigned long base, size;
module_param(base, ulong, 0444);
MODULE_PARM_DESC(base, "the VideoCore's memory; default: what the firmware says");
module_param(size, ulong, 0444);
static uint l1_alias = 0x80000000;
module_param(l1_alias, uint, 0444);
MODULE_PARM_DESC(l1_alias, "bus alias of L1-non-allocating memory");
module_param_named(reuse, vcio_reuse_handles, bool, 0644);
MODULE_PARM_DESC(reuse, "give a released handle's number to the next allocation");

static DEFINE_MUTEX(vcio_lock); /* the firmware serves one message at a time */
static atomic_t opens;
static u64 messages, refused;

static u32 vcio_memory_tag(u32 tag, const u32 *value)
{
	switch (tag) {
	case VCIO_TAG_ALLOCATE:
		return vcio_pool_alloc(value[0], value[1], value[2]);
	case VCIO_TAG_LOCK:
		return vcio_pool_lock(value[0]);
	case VCIO_TAG_UNLOCK:
		return vcio_pool_unlock(value[0]);
	default:
		return vcio_pool_release(value[0]);
	}
}

/* Answers one tag in place. head: id, value bytes, request or reply word; value follows. */
static void vcio_one_tag(u32 *head)
{
	u32 *value = head + 3, bytes = head[1];
	bool memory = head[0] >= VCIO_TAG_ALLOCATE && head[0] <= VCIO_TAG_RELEASE;
	enum vcio_fault fault = vcio_inject_tag(head[0]);
	u32 want = head[0] == VCIO_TAG_ALLOCATE ? 12 : 4;
	int reply = 4;

	head[2] &= ~VCIO_REPLY_BIT;
	if (fault == VCIO_FAULT_NOBIT31 || (memory && bytes < want))
		return;
	if (fault == VCIO_FAULT_SHORT) {
		head[2] = VCIO_REPLY_BIT;
		return;
	}
	if (!memory)
		reply = vcio_firmware_tag(head[0], value, bytes);
	else if (fault == VCIO_FAULT_FAIL)
		value[0] = head[0] == VCIO_TAG_ALLOCATE || head[0] == VCIO_TAG_LOCK ? 0 : 1;
	else
		value[0] = vcio_memory_tag(head[0], value);
	if (reply >= 0)
		head[2] = VCIO_REPLY_BIT | reply;
}

/* Walks the tags; 0, or -EINVAL if the firmware would not be able to parse them. */
static int vcio_walk(u32 *words, u32 count, bool execute)
{
	u32 at = 2, room;

	while (at < count && words[at]) {
		if (count - at < 3)
			return -EINVAL;
		room = (count - at - 3) * sizeof(u32);
		if (words[at + 1] > room)
			return -EINVAL;
		if (execute)
			vcio_one_tag(words + at);
		at += 3 + DIV_ROUND_UP(words[at + 1], sizeof(u32));
	}
	return 0;
}

static enum vcio_fault vcio_message_fault(const u32 *words, u32 count)
{
	enum vcio_fault fault = VCIO_FAULT_NONE;
	u32 at = 2;

	while (at < count && words[at] && fault == VCIO_FAULT_NONE) {
		fault = vcio_inject_message(words[at]);
		at += 3 + DIV_ROUND_UP(words[at + 1], sizeof(u32));
	}
	return fault;
}

static int vcio_message(u32 *words, u32 bytes)
{
	u32 count = bytes / sizeof(u32);
	int ret = vcio_walk(words, count, false);

	messages++;
	if (ret == 0) {
		switch (vcio_message_fault(words, count)) {
		case VCIO_FAULT_TIMEOUT:
			return -ETIMEDOUT;
		case VCIO_FAULT_ENOMEM:
			return -ENOMEM;
		case VCIO_FAULT_EINVAL:
		case VCIO_FAULT_STATUS1:
			ret = -EINVAL;
			break;
		default:
			break;
		}
	}
	if (ret == 0) {
		vcio_walk(words, count, true);
		words[1] = VCIO_STATUS_OK;
		return 0;
	}
	refused++;
	words[1] = VCIO_STATUS_ERROR;
	return old ? 0 : ret;
}

static long vcio_property(void __user *user)
{
	u32 bytes, *words;
	long ret;

	if (copy_from_user(&bytes, user, sizeof(bytes)))
		return -EFAULT;
	if (bytes < 12 || bytes % sizeof(u32) || bytes >= VCIO_MAX_MESSAGE)
		return -EINVAL;
	words = kvmalloc(bytes, GFP_KERNEL);
	if (!words)
		return -ENOMEM;
	ret = copy_from_user(words, user, bytes) ? -EFAULT : 0;
	if (ret == 0) {
		words[0] = bytes; /* another thread may have written it since */
		mutex_lock(&vcio_lock);
		ret = vcio_message(words, bytes);
		mutex_unlock(&vcio_lock);
	}
	if (ret == 0 && copy_to_user(user, words, bytes))
		ret = -EFAULT;
	kvfree(words);
	return ret;
}

static long vcio_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return cmd == IOCTL_MBOX_PROPERTY ? vcio_property((void __user *)arg) : -EINVAL;
}

#ifdef CONFIG_COMPAT
static long vcio_compat_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return cmd == IOCTL_MBOX_PROPERTY32 ? vcio_property(compat_ptr(arg)) : -EINVAL;
}
#endif

static int vcio_open(struct inode *inode, struct file *file)
{
	if (atomic_inc_return(&opens) > 1 && old) {
		atomic_dec(&opens);
		return -EBUSY;
	}
	return 0;
}

static int vcio_release(struct inode *inode, struct file *file)
{
	atomic_dec(&opens);
	return 0;
}

static const struct file_operations vcio_fops = {
	.owner = THIS_MODULE,
	.open = vcio_open,
	.release = vcio_release,
	.unlocked_ioctl = vcio_ioctl,
#ifdef CONFIG_COMPAT
	.compat_ioctl = vcio_compat_ioctl,
#endif
};

static struct miscdevice vcio_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "vcio",
	.fops = &vcio_fops,
};

static int vcio_proc_show(struct seq_file *m, void *unused)
{
	mutex_lock(&vcio_lock);
	vcio_pool_show(m);
	vcio_firmware_show(m);
	seq_printf(m, "messages=%llu\nrefused=%llu\nopens=%d\n", messages, refused,
		atomic_read(&opens));
	vcio_inject_show(m);
	mutex_unlock(&vcio_lock);
	return 0;
}

static ssize_t vcio_proc_write(struct file *file, const char __user *user, size_t n, loff_t *pos)
{
	char line[80], *command;
	int ret;

	if (n >= sizeof(line))
		return -EINVAL;
	if (copy_from_user(line, user, n))
		return -EFAULT;
	line[n] = '\0';
	command = strim(line);
	mutex_lock(&vcio_lock);
	if (strcmp(command, "drain") == 0) {
		vcio_pool_drain();
		ret = 0;
	} else {
		ret = vcio_inject_command(command);
	}
	mutex_unlock(&vcio_lock);
	return ret ? ret : n;
}

static int vcio_proc_open(struct inode *inode, struct file *file)
{
	return single_open(file, vcio_proc_show, NULL);
}

static const struct proc_ops vcio_proc_ops = {
	.proc_open = vcio_proc_open,
	.proc_read = seq_read,
	.proc_write = vcio_proc_write,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
};

static int __init vcio_init(void)
{
	phys_addr_t start = base;
	u64 length = size;
	int ret = vcio_firmware_init(&start, &length);

	if (ret)
		return ret;
	ret = vcio_pool_init(start, length, l1_alias);
	if (ret)
		goto no_pool;
	ret = -ENOMEM;
	if (!proc_create("pmem_vcio", 0666, NULL, &vcio_proc_ops))
		goto no_proc;
	ret = misc_register(&vcio_device);
	if (ret == 0)
		return 0;
	remove_proc_entry("pmem_vcio", NULL);
no_proc:
	vcio_pool_exit();
no_pool:
	vcio_firmware_exit();
	return ret;
}

static void __exit vcio_exit(void)
{
	misc_deregister(&vcio_device);
	remove_proc_entry("pmem_vcio", NULL);
	vcio_pool_exit();
	vcio_firmware_exit();
}

module_init(vcio_init);
module_exit(vcio_exit);
MODULE_DESCRIPTION("libpmem test: VideoCore property mailbox");
MODULE_LICENSE("GPL");
