# SPDX-License-Identifier: MIT
# The main job, with errors; what job.c does, in Perl with FFI::Platypus.
# usage: job.pl SIZE [BACKEND]
use strict;
use warnings;

package Pmem::AllocOpts;
use FFI::Platypus::Record;
record_layout_1(
    uint32      => 'size',
    uint32      => 'flags',
    uint64      => 'align',
    uint64      => 'max_addr',
    'string rw' => 'master',
    'string rw' => 'backend',
    'string rw' => 'heap',
    'string rw' => 'name',
    opaque      => 'firmware',
    opaque      => 'reserved',
);

package Pmem::Extent;
use FFI::Platypus::Record;
record_layout_1(uint64 => 'offset', uint64 => 'length', uint64 => 'phys', uint64 => 'bus');

package main;
use FFI::Platypus 2.00;
use FFI::Platypus::Buffer qw(scalar_to_buffer window);
use FFI::Platypus::Memory qw(memcpy);

use constant {
    PMEM_REGION_CONTIGUOUS => 1 << 3,
    PMEM_EXTENTS_PHYS      => 1,
    PMEM_DIR_BOTH          => 3,
    PMEM_TO_END            => ~0,       # Perl's integers have 64 bits here
};

my $ffi = FFI::Platypus->new(api => 2, lib => 'libpmem.so.3');
$ffi->type('record(Pmem::AllocOpts)*' => 'alloc_opts');
$ffi->attach(pmem_ctx_new            => ['opaque*'] => 'int');
$ffi->attach(pmem_ctx_unref          => ['opaque'] => 'void');
$ffi->attach(pmem_region_alloc       => ['opaque', 'uint64', 'alloc_opts', 'opaque*'] => 'int');
$ffi->attach(pmem_region_close       => ['opaque'] => 'int');
$ffi->attach(pmem_region_size        => ['opaque'] => 'uint64');
$ffi->attach(pmem_region_attrs       => ['opaque'] => 'uint32');
$ffi->attach(pmem_region_phys        => ['opaque', 'uint64*'] => 'int');
$ffi->attach(pmem_region_data        => ['opaque'] => 'opaque');
$ffi->attach(pmem_region_cpu_begin   => ['opaque', 'uint64', 'uint64', 'uint32'] => 'int');
$ffi->attach(pmem_region_cpu_end     => ['opaque', 'uint64', 'uint64', 'uint32'] => 'int');
$ffi->attach(pmem_region_read32      => ['opaque', 'uint64', 'uint32*'] => 'int');
$ffi->attach(pmem_region_write32     => ['opaque', 'uint64', 'uint32'] => 'int');
$ffi->attach(pmem_region_extents     => ['opaque', 'uint64', 'uint64', 'uint32', 'opaque', 'size_t', 'size_t*'] => 'int');
$ffi->attach(pmem_region_find        => ['opaque', 'opaque', 'opaque*', 'uint64*'] => 'int');
$ffi->attach(pmem_selftest_copy      => ['opaque', 'uint64', 'uint64', 'uint64', 'opaque', 'opaque', 'opaque'] => 'int');
$ffi->attach(pmem_error_last         => [] => 'opaque');
$ffi->attach(pmem_error_cause        => ['opaque'] => 'uint32');
$ffi->attach(pmem_error_cause_name   => ['uint32'] => 'string');
$ffi->attach(pmem_error_message      => ['opaque'] => 'string');
$ffi->attach(pmem_error_hint         => ['opaque'] => 'string');
$ffi->attach(pmem_error_backend      => ['opaque'] => 'string');
$ffi->attach(pmem_error_child_count  => ['opaque'] => 'size_t');
$ffi->attach(pmem_error_child        => ['opaque', 'size_t'] => 'opaque');

# Dies with why the last call failed; texts are copied, since the next failure takes them away.
sub check {
    my ($result) = @_;
    return $result if $result >= 0;
    my $err = pmem_error_last();
    my @children = map { pmem_error_child($err, $_) } 0 .. pmem_error_child_count($err) - 1;
    die {
        errno    => -$result,
        cause    => pmem_error_cause_name(pmem_error_cause($err)),
        message  => pmem_error_message($err),
        hint     => pmem_error_hint($err),
        children => [map { { backend => pmem_error_backend($_),
            cause => pmem_error_cause_name(pmem_error_cause($_)) } } @children],
    };
}

# What is owned is closed when the last reference to it goes, in whichever way a block is left.
package Pmem::Owner {
    sub new { my ($class, $pointer, $close) = @_; return bless { pointer => $pointer, close => $close }, $class }
    sub DESTROY { my ($self) = @_; $self->{close}->($self->{pointer}); return }
}

sub context {
    check(pmem_ctx_new(\my $ctx));
    return Pmem::Owner->new($ctx, \&pmem_ctx_unref);
}

sub alloc {
    my ($ctx, $size, $backend) = @_;
    my $opts = defined $backend
        ? Pmem::AllocOpts->new(size => $ffi->sizeof('record(Pmem::AllocOpts)'), backend => $backend)
        : undef;
    check(pmem_region_alloc($ctx->{pointer}, $size, $opts, \my $region));
    return Pmem::Owner->new($region, \&pmem_region_close);
}

sub fill_and_add {
    my ($region, $size) = @_;
    my $sum = 0;
    check(pmem_region_cpu_begin($region, 0, PMEM_TO_END, PMEM_DIR_BOTH));
    my ($from, $bytes) = scalar_to_buffer(my $content = pack 'C*', map { $_ % 251 } 0 .. $size - 1);
    memcpy(pmem_region_data($region), $from, $bytes);
    window(my $view, pmem_region_data($region), $size);    # the memory itself, to be read
    $sum += $_ for unpack 'C*', $view;
    check(pmem_region_cpu_end($region, 0, PMEM_TO_END, PMEM_DIR_BOTH));
    return $sum;
}

sub add_pieces {
    my ($region) = @_;
    my ($sum, @part) = (0, $region, 0, PMEM_TO_END, PMEM_EXTENTS_PHYS);
    check(pmem_region_extents(@part, undef, 0, \my $count));
    my $bytes = $ffi->sizeof('record(Pmem::Extent)');
    my ($pieces) = scalar_to_buffer(my $room = "\0" x ($count * $bytes));
    check(pmem_region_extents(@part, $pieces, $count, \$count));
    $sum += $ffi->cast('opaque', 'record(Pmem::Extent)*', $pieces + $_ * $bytes)->length
        for 0 .. $count - 1;
    return $sum;
}

sub job {
    my ($ctx, $region) = @_;
    my $size = pmem_region_size($region);
    print "size $size\n";
    print 'contiguous ', pmem_region_attrs($region) & PMEM_REGION_CONTIGUOUS ? 'yes' : 'no', "\n";
    print 'address ', pmem_region_phys($region, \my $phys) == 0 ? 'yes' : 'no', "\n";
    check(pmem_region_write32($region, 8, 0x12345678));
    check(pmem_region_read32($region, 8, \my $word));
    printf "word 0x%08x\n", $word;
    print 'sum ',    fill_and_add($region, $size), "\n";
    print 'pieces ', add_pieces($region), "\n";
    my $inside = pmem_region_data($region) + int($size / 16);
    check(pmem_region_find($ctx, $inside, \my $found, \my $offset));
    print "found $offset\n";
    check(pmem_selftest_copy($ctx, $size, 0, 0, undef, undef, undef));
    print "copy ok\n";
    return;
}

my ($size, $backend) = @ARGV;
# Longer numbers would become floating point: 64 bits have at most 20 digits, which compare as text.
if (@ARGV < 1 || @ARGV > 2 || $size !~ /\A[0-9]+\z/a || sprintf('%020s', $size) gt '18446744073709551615') {
    print STDERR "usage: job.pl SIZE [BACKEND]\n";
    exit 2;
}
my $done = eval {
    my $ctx    = context();
    my $region = alloc($ctx, $size, $backend);
    job($ctx->{pointer}, $region->{pointer});
    1;
};
exit 0 if $done;
my $why = $@;
die $why if !ref $why;
print "refused $why->{errno} $why->{cause}\n";
print "child $_->{backend} $_->{cause}\n" for @{ $why->{children} };
print STDERR "$why->{message}\n$why->{hint}\n";
exit 1;
