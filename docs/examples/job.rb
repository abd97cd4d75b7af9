# frozen_string_literal: true

# SPDX-License-Identifier: MIT
# The main job, with errors; what job.c does, in Ruby with Fiddle, which is a part of Ruby.
# usage: job.rb SIZE [BACKEND]
require 'fiddle/import'

# The functions as they are; what is refused is a Pmem::Error.
module Pmem
  extend Fiddle::Importer
  dlload 'libpmem.so.3'

  AllocOpts = struct [
    'uint32_t size', 'uint32_t flags', 'uint64_t align', 'uint64_t max_addr', 'const char *master',
    'const char *backend', 'const char *heap', 'const char *name', 'void *firmware', 'void *reserved'
  ]
  Extent = struct ['uint64_t offset', 'uint64_t length', 'uint64_t phys', 'uint64_t bus']

  PMEM_REGION_CONTIGUOUS = 1 << 3
  PMEM_EXTENTS_PHYS = 1
  PMEM_DIR_BOTH = 3
  PMEM_TO_END = 0xffffffffffffffff

  extern 'int pmem_ctx_new(void *out)'
  extern 'void pmem_ctx_unref(void *ctx)'
  extern 'int pmem_region_alloc(void *ctx, uint64_t size, void *opts, void *out)'
  extern 'int pmem_region_close(void *region)'
  extern 'uint64_t pmem_region_size(void *region)'
  extern 'uint32_t pmem_region_attrs(void *region)'
  extern 'int pmem_region_phys(void *region, void *phys)'
  extern 'void *pmem_region_data(void *region)'
  extern 'int pmem_region_cpu_begin(void *region, uint64_t offset, uint64_t length, uint32_t direction)'
  extern 'int pmem_region_cpu_end(void *region, uint64_t offset, uint64_t length, uint32_t direction)'
  extern 'int pmem_region_read32(void *region, uint64_t offset, void *value)'
  extern 'int pmem_region_write32(void *region, uint64_t offset, uint32_t value)'
  extern 'int pmem_region_extents(void *region, uint64_t offset, uint64_t length, uint32_t need, void *extents, size_t capacity, void *count)'
  extern 'int pmem_region_find(void *ctx, void *pointer, void *region, void *offset)'
  extern 'int pmem_selftest_copy(void *ctx, uint64_t size, uint64_t hole, uint64_t src_offset, void *alloc, void *copy, void *user)'
  extern 'void *pmem_error_last()'
  extern 'uint32_t pmem_error_cause(void *err)'
  extern 'const char *pmem_error_cause_name(uint32_t cause)'
  extern 'const char *pmem_error_message(void *err)'
  extern 'const char *pmem_error_hint(void *err)'
  extern 'const char *pmem_error_backend(void *err)'
  extern 'size_t pmem_error_child_count(void *err)'
  extern 'void *pmem_error_child(void *err, size_t i)'

  # Why a call failed; texts are copied, since the thread's next failure takes them away.
  class Error < StandardError
    attr_reader :errno, :cause_name, :hint, :backend, :children

    def initialize(errno, err)
      super(Pmem.pmem_error_message(err).to_s)
      @errno = errno
      @cause_name = Pmem.pmem_error_cause_name(Pmem.pmem_error_cause(err)).to_s
      @hint = Pmem.pmem_error_hint(err).to_s
      @backend = Pmem.pmem_error_backend(err).to_s
      @children = Array.new(Pmem.pmem_error_child_count(err)) do |i|
        Error.new(nil, Pmem.pmem_error_child(err, i))
      end
    end
  end

  def self.check(result)
    raise Error.new(-result, pmem_error_last) if result.negative?
  end

  # What a call writes to the pointer that it is given: 'J' a pointer or size_t, 'Q' and 'L' 64 and 32 bits.
  def self.out(kind)
    Fiddle::Pointer.malloc(8, Fiddle::RUBY_FREE) do |box|
      check(yield(box))
      return box[0, 8].unpack1(kind)
    end
  end

  def self.context
    ctx = out('J') { |box| pmem_ctx_new(box) }
    yield ctx
  ensure
    pmem_ctx_unref(ctx) if ctx
  end

  def self.alloc(ctx, size, backend = nil)
    if backend
      opts = AllocOpts.malloc(Fiddle::RUBY_FREE)
      opts.to_ptr[0, AllocOpts.size] = "\0" * AllocOpts.size # malloc leaves what was there
      opts.size = AllocOpts.size
      opts.backend = text = Fiddle::Pointer[backend]
    end
    region = out('J') { |box| pmem_region_alloc(ctx, size, opts, box) }
    yield region
  ensure
    pmem_region_close(region) if region
  end
end

def fill_and_add(region, size)
  Pmem.check(Pmem.pmem_region_cpu_begin(region, 0, Pmem::PMEM_TO_END, Pmem::PMEM_DIR_BOTH))
  bytes = Pmem.pmem_region_data(region)
  bytes[0, size] = (0..250).to_a.pack('C*') * (size / 251 + 1)
  sum = bytes[0, size].each_byte.sum
  Pmem.check(Pmem.pmem_region_cpu_end(region, 0, Pmem::PMEM_TO_END, Pmem::PMEM_DIR_BOTH))
  sum
end

def add_pieces(region)
  part = [region, 0, Pmem::PMEM_TO_END, Pmem::PMEM_EXTENTS_PHYS]
  count = Pmem.out('J') { |box| Pmem.pmem_region_extents(*part, nil, 0, box) }
  pieces = Fiddle::Pointer.malloc([count, 1].max * Pmem::Extent.size, Fiddle::RUBY_FREE)
  Pmem.out('J') { |box| Pmem.pmem_region_extents(*part, pieces, count, box) }
  count.times.sum { |i| Pmem::Extent.new(pieces + i * Pmem::Extent.size).length }
end

def job(ctx, region)
  size = Pmem.pmem_region_size(region)
  puts "size #{size}"
  puts "contiguous #{Pmem.pmem_region_attrs(region) & Pmem::PMEM_REGION_CONTIGUOUS == 0 ? 'no' : 'yes'}"
  known = begin
    Pmem.out('Q') { |box| Pmem.pmem_region_phys(region, box) }
  rescue Pmem::Error
    nil
  end
  puts "address #{known ? 'yes' : 'no'}"
  Pmem.check(Pmem.pmem_region_write32(region, 8, 0x12345678))
  puts format('word 0x%08x', Pmem.out('L') { |box| Pmem.pmem_region_read32(region, 8, box) })
  puts "sum #{fill_and_add(region, size)}"
  puts "pieces #{add_pieces(region)}"
  inside = Pmem.pmem_region_data(region) + size / 16
  found = Fiddle::Pointer.malloc(Fiddle::SIZEOF_VOIDP, Fiddle::RUBY_FREE)
  puts "found #{Pmem.out('Q') { |box| Pmem.pmem_region_find(ctx, inside, found, box) }}"
  Pmem.check(Pmem.pmem_selftest_copy(ctx, size, 0, 0, nil, nil, nil))
  puts 'copy ok'
end

size = Integer(ARGV[0].to_s, 10) if ARGV[0].to_s.match?(/\A[0-9]+\z/)
if size.nil? || size >= 1 << 64 || ARGV.size > 2
  warn 'usage: job.rb SIZE [BACKEND]'
  exit 2
end
begin
  Pmem.context { |ctx| Pmem.alloc(ctx, size, ARGV[1]) { |region| job(ctx, region) } }
rescue Pmem::Error => e
  puts "refused #{e.errno} #{e.cause_name}"
  e.children.each { |child| puts "child #{child.backend} #{child.cause_name}" }
  warn e.message, e.hint
  exit 1
end
