/* SPDX-License-Identifier: MIT */
/**
 * @file pmem.hpp
 * @brief C++11: owners that give back what they hold, and exceptions that explain.
 *
 * All of it is inline, over the functions of <pmem/pmem.h>: it is no part of the ABI, and what it does
 * not have is called with get(). A call that fails throws pmem::error. The rules for threads and fork
 * are those of the C functions.
 */
#ifndef PMEM_PMEM_HPP
#define PMEM_PMEM_HPP

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include <pmem/pmem.h>

namespace pmem {
/* The name changes when a class does (v4: alloc_options is longer than in 3.0), so that objects of two versions
   can be linked together. */
inline namespace v4 {

/** Why a call failed: code() is the errno. Copies share what they hold. */
class error : public std::system_error {
public:
	/** Of this thread's last call, which returned @p result (or, if it returned NULL, -errno). */
	static error last(int result)
	{
		pmem_error *copy = nullptr;
		if (pmem_error_dup(pmem_error_last(), &copy) < 0)
			copy = nullptr; /* no memory: the errno must do */
		return error(result, std::shared_ptr<const pmem_error>(copy, pmem_error_free));
	}
	error(int result, std::shared_ptr<const pmem_error> held)
		: std::system_error(-result, std::generic_category()), held_(std::move(held))
	{
	}
	const char *what() const noexcept override
	{
		return held_ ? pmem_error_text(held_.get()) : std::system_error::what();
	}
	/** One of PMEM_CAUSE_*. */
	std::uint32_t cause() const noexcept { return pmem_error_cause(get()); }
	const char *cause_name() const noexcept { return pmem_error_cause_name(cause()); }
	const char *operation() const noexcept { return pmem_error_operation(get()); }
	const char *path() const noexcept { return pmem_error_path(get()); }
	const char *message() const noexcept { return pmem_error_message(get()); }
	/** The next step to take, or "". */
	const char *hint() const noexcept { return pmem_error_hint(get()); }
	const char *backend() const noexcept { return pmem_error_backend(get()); }
	/** One for each backend or way that refused. */
	std::vector<error> children() const
	{
		std::vector<error> found;
		for (std::size_t i = 0; i < pmem_error_child_count(get()); i++) {
			const pmem_error *child = pmem_error_child(get(), i);
			found.emplace_back(pmem_error_code(child),
				std::shared_ptr<const pmem_error>(held_, child));
		}
		return found;
	}
	const pmem_error *get() const noexcept { return held_.get(); }

private:
	std::shared_ptr<const pmem_error> held_;
};

/** Throws if @p result is a negative errno; for functions of <pmem/pmem.h> that are called directly. */
inline int check(int result)
{
	if (result < 0)
		throw error::last(result);
	return result;
}

namespace detail {
/* What a function tells that counts pieces first; there may be others by the second call. */
template <typename F> std::vector<pmem_extent> pieces(F ask)
{
	std::vector<pmem_extent> found;
	std::size_t count = 0;
	int r;
	do {
		check(ask(nullptr, 0, &count));
		found.resize(count);
		r = count ? ask(&found[0], found.size(), &count) : 0;
	} while (r == -ENOSPC);
	check(r);
	found.resize(count);
	return found;
}
} // namespace detail

/** struct pmem_alloc_opts with its size set and everything else the default. */
struct alloc_options : pmem_alloc_opts {
	alloc_options() : pmem_alloc_opts() { size = sizeof(pmem_alloc_opts); }
};

/** struct pmem_pool_opts with its size set and everything else the default. */
struct pool_options : pmem_pool_opts {
	pool_options() : pmem_pool_opts() { size = sizeof(pmem_pool_opts); }
};

/** Elements in memory that a region holds. */
template <typename T> class span {
public:
	span(T *first, std::size_t count) : first_(first), count_(count) {}
	T *begin() const { return first_; }
	T *end() const { return first_ + count_; }
	T *data() const { return first_; }
	std::size_t size() const { return count_; }
	T &operator[](std::size_t i) const { return first_[i]; }

private:
	T *first_;
	std::size_t count_;
};

/** Registers or memory; has one owner, and can be moved. */
class region {
public:
	region() noexcept : held_(nullptr) {}
	/** Takes what a function of <pmem/pmem.h> made. */
	explicit region(pmem_region *taken) noexcept : held_(taken) {}
	region(region &&other) noexcept : held_(other.release()) {}
	region &operator=(region &&other) noexcept
	{
		region taken(std::move(other));
		std::swap(held_, taken.held_);
		return *this;
	}
	region(const region &) = delete;
	region &operator=(const region &) = delete;
	~region()
	{
		if (held_)
			pmem_region_close(held_);
	}

	/** Gives it back and tells if something went wrong, which the destructor cannot. */
	void close() { check(pmem_region_close(release())); }
	/** The caller's to close from now on. */
	pmem_region *release() noexcept
	{
		pmem_region *released = held_;
		held_ = nullptr;
		return released;
	}
	pmem_region *get() const noexcept { return held_; }
	explicit operator bool() const noexcept { return held_ != nullptr; }

	std::uint64_t size() const noexcept { return pmem_region_size(held_); }
	/** PMEM_REGION_* bits; has() asks whether all of some are set. */
	std::uint32_t attrs() const noexcept { return pmem_region_attrs(held_); }
	bool has(std::uint32_t bits) const noexcept { return (attrs() & bits) == bits; }
	const char *backend() const noexcept { return pmem_region_backend(held_); }
	void *data() const noexcept { return pmem_region_data(held_); }
	std::uint64_t phys() const { return number(pmem_region_phys); }
	std::uint64_t bus() const { return number(pmem_region_bus); }
	std::uint64_t bus_for(const char *master) const
	{
		std::uint64_t bus = 0;
		check(pmem_region_bus_for(held_, master, &bus));
		return bus;
	}
	/** All pieces; @p need is PMEM_EXTENTS_PHYS, PMEM_EXTENTS_BUS or both. */
	std::vector<pmem_extent> extents(std::uint32_t need = PMEM_EXTENTS_PHYS,
		std::uint64_t offset = 0, std::uint64_t length = PMEM_TO_END) const
	{
		return detail::pieces([&](pmem_extent *room, std::size_t capacity, std::size_t *count) {
			return pmem_region_extents(held_, offset, length, need, room, capacity, count);
		});
	}

	/** A checked pointer to one T; T is volatile for registers. */
	template <typename T> T *at(std::uint64_t offset = 0) const
	{
		return static_cast<T *>(checked(offset, sizeof(T), alignof(T)));
	}
	/** As many whole T as there are. Not for registers: PMEM_REGION_DEVICE. */
	template <typename T> span<T> as() const
	{
		return span<T>(at<T>(), static_cast<std::size_t>(size() / sizeof(T)));
	}

	/* One access of exactly that width. */
	std::uint8_t read8(std::uint64_t offset) const { return read(pmem_region_read8, offset); }
	std::uint16_t read16(std::uint64_t offset) const { return read(pmem_region_read16, offset); }
	std::uint32_t read32(std::uint64_t offset) const { return read(pmem_region_read32, offset); }
	std::uint64_t read64(std::uint64_t offset) const { return read(pmem_region_read64, offset); }
	void write8(std::uint64_t offset, std::uint8_t v) { write(pmem_region_write8, offset, v); }
	void write16(std::uint64_t offset, std::uint16_t v) { write(pmem_region_write16, offset, v); }
	void write32(std::uint64_t offset, std::uint32_t v) { write(pmem_region_write32, offset, v); }
	void write64(std::uint64_t offset, std::uint64_t v) { write(pmem_region_write64, offset, v); }

	/** cpu_begin(), @p use(), and cpu_end() whatever happened; @p direction is PMEM_DIR_*. */
	template <typename F> void cpu(std::uint32_t direction, F use, std::uint64_t offset = 0,
		std::uint64_t length = PMEM_TO_END) const
	{
		check(pmem_region_cpu_begin(held_, offset, length, direction));
		try {
			use();
		} catch (...) {
			pmem_region_cpu_end(held_, offset, length, direction);
			throw;
		}
		check(pmem_region_cpu_end(held_, offset, length, direction));
	}

	/** The dma-buf descriptor, borrowed; dup_fd() is the caller's own. */
	int fd() const { return check(pmem_region_fd(held_)); }
	int dup_fd() const { return check(pmem_region_dup_fd(held_)); }

private:
	template <typename T>
	T read(int (*function)(const pmem_region *, std::uint64_t, T *), std::uint64_t offset) const
	{
		T value = 0;
		check(function(held_, offset, &value));
		return value;
	}
	template <typename T>
	void write(int (*function)(pmem_region *, std::uint64_t, T), std::uint64_t offset, T value)
	{
		check(function(held_, offset, value));
	}
	std::uint64_t number(int (*function)(const pmem_region *, std::uint64_t *)) const
	{
		std::uint64_t value = 0;
		check(function(held_, &value));
		return value;
	}
	void *checked(std::uint64_t offset, std::uint64_t bytes, std::uint64_t align) const
	{
		void *pointer = pmem_region_at(held_, offset, bytes, align);
		if (!pointer)
			throw error::last(-errno);
		return pointer;
	}
	pmem_region *held_;
};

/** A region that somebody else closes. */
class borrowed : public region {
public:
	explicit borrowed(pmem_region *lent) noexcept : region(lent) {}
	borrowed(borrowed &&other) = default;
	~borrowed() { release(); }
};

/** A byte of a region. */
struct place {
	borrowed region;
	std::uint64_t offset;
};

/** Many small objects in few regions: see pool.h. Has one owner; its objects end with it. */
class pool {
public:
	/** Takes what pmem_pool_new() made. */
	explicit pool(pmem_pool *taken) noexcept : held_(taken) {}
	pmem_pool *get() const noexcept { return held_.get(); }
	/** Gives it back and tells if something went wrong, which the destructor cannot. */
	void close() { check(pmem_pool_close(held_.release())); }
	/** The region stays the caller's, who closes it after the pool. */
	void add(const region &lent) { check(pmem_pool_add_region(get(), lent.get())); }

	/** Gives an object back. */
	struct deleter {
		pmem_pool *from;
		void operator()(void *pointer) const noexcept { pmem_pool_free(from, pointer); }
	};
	/** One that gives itself back, before its pool is gone. */
	template <typename T> using object = std::unique_ptr<T, deleter>;

	/** Bytes, to be given back with free(). */
	void *alloc(std::uint64_t size, std::uint64_t align = 0)
	{
		void *pointer = pmem_pool_alloc(get(), size, align);
		if (!pointer)
			throw error::last(-errno);
		return pointer;
	}
	void free(void *pointer) { check(pmem_pool_free(get(), pointer)); }
	/** A T that was made from @p args. */
	template <typename T, typename... As> object<T> make(As &&...args)
	{
		static_assert(std::is_trivially_destructible<T>::value, "a device's data needs no destructor");
		std::unique_ptr<void, deleter> bytes(
			alloc(sizeof(T), alignof(T) > 64 ? alignof(T) : 0), deleter{get()});
		object<T> made(new (bytes.get()) T(std::forward<As>(args)...), deleter{get()});
		bytes.release();
		return made;
	}

	/** Of a byte in an object. */
	std::uint64_t phys(const volatile void *byte) const { return number(pmem_pool_phys, byte); }
	std::uint64_t bus(const volatile void *byte) const { return number(pmem_pool_bus, byte); }
	/** The region that it is in: for cpu(). */
	place find(const volatile void *byte) const
	{
		pmem_region *lent = nullptr;
		std::uint64_t offset = 0;
		check(pmem_pool_region(get(), byte, &lent, &offset));
		return place{borrowed(lent), offset};
	}
	/** Gives back regions without objects, and says how many bytes. */
	std::uint64_t trim()
	{
		std::uint64_t bytes = 0;
		check(pmem_pool_trim(get(), &bytes));
		return bytes;
	}
	pmem_pool_counts stats() const
	{
		pmem_pool_counts counts = {};
		counts.size = sizeof(counts);
		check(pmem_pool_stats(get(), &counts));
		return counts;
	}

private:
	struct closer {
		void operator()(pmem_pool *held) const noexcept { pmem_pool_close(held); }
	};
	std::uint64_t number(int (*function)(const pmem_pool *, const volatile void *, std::uint64_t *),
		const volatile void *byte) const
	{
		std::uint64_t value = 0;
		check(function(get(), byte, &value));
		return value;
	}
	std::unique_ptr<pmem_pool, closer> held_;
};

/** A device: see device.h, whose other functions take get(). Has one owner, and may go before its regions. */
class device {
public:
	explicit device(pmem_device *taken) noexcept : held_(taken, pmem_device_close) {}
	pmem_device *get() const noexcept { return held_.get(); }
	void close() { check(pmem_device_close(held_.release())); }
	region map(std::uint32_t index, std::uint32_t flags = 0) const
	{
		pmem_region *out = nullptr;
		check(pmem_device_map(get(), index, flags, &out));
		return region(out);
	}
private:
	std::unique_ptr<pmem_device, int (*)(pmem_device *)> held_;
};

/** A view of the machine; copies are the same one. Regions may live longer than it. */
class context {
public:
	context() : held_(nullptr) { check(pmem_ctx_new(&held_)); }
	context(const context &other) noexcept : held_(pmem_ctx_ref(other.held_)) {}
	context &operator=(context other) noexcept
	{
		std::swap(held_, other.held_);
		return *this;
	}
	~context() { pmem_ctx_unref(held_); }
	pmem_ctx *get() const noexcept { return held_; }

	region alloc(std::uint64_t size) const { return made(pmem_region_alloc, size, nullptr); }
	region alloc(std::uint64_t size, const pmem_alloc_opts &options) const
	{
		return made(pmem_region_alloc, size, &options);
	}
	region map(std::uint64_t phys, std::uint64_t size, std::uint32_t flags = 0) const
	{
		return made(pmem_region_map, phys, size, flags);
	}
	region map_gpio(std::uint32_t flags = 0) const { return made(pmem_region_map_gpio, flags); }
	region map_node(const char *node, std::uint32_t index = 0, std::uint32_t flags = 0) const
	{
		return made(pmem_region_map_node, node, index, flags);
	}
	region map_pci(const char *bdf, std::uint32_t bar, std::uint32_t flags = 0) const
	{
		return made(pmem_region_map_pci, bdf, bar, flags);
	}
	region map_file(const char *path, std::uint64_t offset = 0, std::uint64_t size = PMEM_TO_END,
		std::uint64_t phys = PMEM_ADDRESS_NONE, std::uint32_t flags = 0) const
	{
		return made(pmem_region_map_file, path, offset, size, phys, flags);
	}
	region import_dmabuf(int dmabuf_fd, std::uint32_t flags = 0) const
	{
		return made(pmem_region_import, dmabuf_fd, flags);
	}
	/** Memory that the program has, which must be there until the region is closed. */
	region register_memory(void *addr, std::uint64_t length, std::uint32_t flags = 0) const
	{
		return made(pmem_region_register, addr, length, flags);
	}
	pmem::device device(const char *name, const pmem_device_opts *options = nullptr) const
	{
		pmem_device *out = nullptr;
		return check(pmem_device_open(held_, name, options, &out)), pmem::device(out);
	}
	pmem::pool pool() const { return pmem::pool(new_pool(nullptr)); }
	pmem::pool pool(const pmem_pool_opts &options) const { return pmem::pool(new_pool(&options)); }

	/** The pieces of a range of the program's memory, as they are now. */
	std::vector<pmem_extent> vaddr_extents(const void *addr, std::uint64_t length) const
	{
		return detail::pieces([&](pmem_extent *room, std::size_t capacity, std::size_t *count) {
			return pmem_vaddr_extents(held_, addr, length, room, capacity, count);
		});
	}
	/** The physical addresses of bytes that lie anywhere. */
	std::vector<std::uint64_t> phys_list(const std::vector<const void *> &addrs) const
	{
		std::vector<std::uint64_t> found(addrs.size());
		std::vector<std::uint64_t> list;
		for (const void *one : addrs)
			list.push_back(reinterpret_cast<std::uintptr_t>(one));
		if (!list.empty())
			check(pmem_vaddr_phys_list(held_, &list[0], list.size(), &found[0]));
		return found;
	}

	/** The region that a pointer, or a physical address, is in. */
	place find(const volatile void *pointer) const
	{
		return found(pmem_region_find, pointer);
	}
	place find_phys(std::uint64_t phys) const
	{
		return found(pmem_region_find_phys, phys);
	}

	/** Proves a copy by the CPU. */
	void selftest_copy(std::uint64_t size, std::uint64_t hole = 0, std::uint64_t src_offset = 0) const
	{
		check(pmem_selftest_copy(held_, size, hole, src_offset, nullptr, nullptr, nullptr));
	}
	/** Proves @p engine(dst, dst_offset, src, src_offset, length); what it throws comes out of here. */
	template <typename F> void selftest_copy(
		std::uint64_t size, std::uint64_t hole, std::uint64_t src_offset, F engine) const
	{
		call<F> state = {&engine, nullptr};
		int result = pmem_selftest_copy(
			held_, size, hole, src_offset, nullptr, call<F>::copy, &state);
		if (state.thrown)
			std::rethrow_exception(state.thrown);
		check(result);
	}

private:
	pmem_pool *new_pool(const pmem_pool_opts *options) const
	{
		pmem_pool *out = nullptr;
		check(pmem_pool_new(held_, options, &out));
		return out;
	}
	template <typename... As, typename... Bs> region made(int (*function)(As...), Bs... args) const
	{
		pmem_region *out = nullptr;
		check(function(held_, args..., &out));
		return region(out);
	}
	template <typename T> place found(
		int (*function)(pmem_ctx *, T, pmem_region **, std::uint64_t *), T where) const
	{
		pmem_region *lent = nullptr;
		std::uint64_t offset = 0;
		check(function(held_, where, &lent, &offset));
		return place{borrowed(lent), offset};
	}
	/* No exception may pass through the library. */
	template <typename F> struct call {
		F *engine;
		std::exception_ptr thrown;
		static int copy(void *user, pmem_region *dst, std::uint64_t dst_offset, pmem_region *src,
			std::uint64_t src_offset, std::uint64_t length)
		{
			call *self = static_cast<call *>(user);
			try {
				const borrowed to(dst), from(src);
				(*self->engine)(to, dst_offset, from, src_offset, length);
				return 0;
			} catch (...) {
				self->thrown = std::current_exception();
				return -ECANCELED;
			}
		}
	};
	pmem_ctx *held_;
};

} // namespace v4
} // namespace pmem

#endif
