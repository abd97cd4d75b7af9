// SPDX-License-Identifier: MIT
// The main job, with errors; what job.c does, in Java 8 or later with JNA.
// usage: javac -cp jna.jar job.java; java -cp jna.jar:. Job SIZE [BACKEND]
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.Structure;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The functions as they are. int and long are also what is unsigned in C; size_t is Size. */
interface Pmem extends Library {
	Pmem LIB = Native.load("libpmem.so.3", Pmem.class);

	int PMEM_REGION_CONTIGUOUS = 1 << 3;
	int PMEM_EXTENTS_PHYS = 1;
	int PMEM_DIR_BOTH = 3;
	long PMEM_TO_END = 0xffffffffffffffffL;

	@Structure.FieldOrder({"size", "flags", "align", "max_addr", "master", "backend", "heap", "name",
		"firmware", "reserved"})
	class AllocOpts extends Structure {
		public int size;
		public int flags;
		public long align;
		public long max_addr;
		public String master;
		public String backend;
		public String heap;
		public String name;
		public Pointer firmware;
		public Pointer reserved;
	}

	@Structure.FieldOrder({"offset", "length", "phys", "bus"})
	class Extent extends Structure {
		public long offset;
		public long length;
		public long phys;
		public long bus;
	}

	int pmem_ctx_new(PointerByReference out);
	void pmem_ctx_unref(Pointer ctx);
	int pmem_region_alloc(Pointer ctx, long size, AllocOpts opts, PointerByReference out);
	int pmem_region_close(Pointer region);
	long pmem_region_size(Pointer region);
	int pmem_region_attrs(Pointer region);
	int pmem_region_phys(Pointer region, LongByReference phys);
	Pointer pmem_region_data(Pointer region);
	int pmem_region_cpu_begin(Pointer region, long offset, long length, int direction);
	int pmem_region_cpu_end(Pointer region, long offset, long length, int direction);
	int pmem_region_read32(Pointer region, long offset, IntByReference value);
	int pmem_region_write32(Pointer region, long offset, int value);
	int pmem_region_extents(Pointer region, long offset, long length, int need, Extent extents,
		Size capacity, Size.Ref count);
	int pmem_region_find(Pointer ctx, Pointer pointer, PointerByReference region, LongByReference offset);
	int pmem_selftest_copy(Pointer ctx, long size, long hole, long src_offset, Pointer alloc,
		Pointer copy, Pointer user);
	Pointer pmem_error_last();
	int pmem_error_cause(Pointer err);
	String pmem_error_cause_name(int cause);
	String pmem_error_message(Pointer err);
	String pmem_error_hint(Pointer err);
	String pmem_error_backend(Pointer err);
	Size pmem_error_child_count(Pointer err);
	Pointer pmem_error_child(Pointer err, Size i);

	/** size_t, which is as long as a pointer. */
	class Size extends com.sun.jna.IntegerType {
		private static final long serialVersionUID = 1;

		public Size() {
			this(0);
		}

		public Size(long value) {
			super(Native.SIZE_T_SIZE, value, true);
		}

		/** A pointer to one. */
		public static class Ref extends com.sun.jna.ptr.ByReference {
			public Ref() {
				super(Native.SIZE_T_SIZE);
			}

			public int get() {
				return Native.SIZE_T_SIZE == 8 ? (int) getPointer().getLong(0) : getPointer().getInt(0);
			}
		}
	}
}

/** Why a call failed. */
class PmemException extends Exception {
	private static final long serialVersionUID = 1;
	final int errno;
	final String cause;
	final String hint;
	final String backend;
	final transient List<PmemException> children = new ArrayList<>();

	PmemException(int errno, Pointer err) {
		super(Pmem.LIB.pmem_error_message(err));
		this.errno = errno;
		cause = Pmem.LIB.pmem_error_cause_name(Pmem.LIB.pmem_error_cause(err));
		hint = Pmem.LIB.pmem_error_hint(err);
		backend = Pmem.LIB.pmem_error_backend(err);
		int count = Pmem.LIB.pmem_error_child_count(err).intValue();
		for (int i = 0; i < count; i++)
			children.add(new PmemException(0, Pmem.LIB.pmem_error_child(err, new Pmem.Size(i))));
	}

	/** The last error belongs to the thread: this is for the thread that made the call, at once. */
	static void check(int result) throws PmemException {
		if (result < 0)
			throw new PmemException(-result, Pmem.LIB.pmem_error_last());
	}
}

/** A view of the machine. */
class Context implements AutoCloseable {
	final Pointer pointer;

	Context() throws PmemException {
		PointerByReference out = new PointerByReference();
		PmemException.check(Pmem.LIB.pmem_ctx_new(out));
		pointer = out.getValue();
	}

	Region alloc(long size, String backend) throws PmemException {
		Pmem.AllocOpts opts = null;
		if (backend != null) {
			opts = new Pmem.AllocOpts();
			opts.size = opts.size();
			opts.backend = backend;
		}
		PointerByReference out = new PointerByReference();
		PmemException.check(Pmem.LIB.pmem_region_alloc(pointer, size, opts, out));
		return new Region(out.getValue());
	}

	@Override
	public void close() {
		Pmem.LIB.pmem_ctx_unref(pointer);
	}
}

/** Memory; it may be closed before or after its context. */
class Region implements AutoCloseable {
	final Pointer pointer;

	Region(Pointer pointer) {
		this.pointer = pointer;
	}

	long size() {
		return Pmem.LIB.pmem_region_size(pointer);
	}

	/** The memory itself, not a copy. Nothing may use it when the region is closed. */
	ByteBuffer bytes() {
		return Pmem.LIB.pmem_region_data(pointer).getByteBuffer(0, size());
	}

	Pmem.Extent[] extents() throws PmemException {
		Pmem.Size.Ref count = new Pmem.Size.Ref();
		PmemException.check(Pmem.LIB.pmem_region_extents(pointer, 0, Pmem.PMEM_TO_END,
			Pmem.PMEM_EXTENTS_PHYS, null, new Pmem.Size(), count));
		Pmem.Extent[] pieces = (Pmem.Extent[]) new Pmem.Extent().toArray(Math.max(count.get(), 1));
		PmemException.check(Pmem.LIB.pmem_region_extents(pointer, 0, Pmem.PMEM_TO_END,
			Pmem.PMEM_EXTENTS_PHYS, pieces[0], new Pmem.Size(pieces.length), count));
		for (Pmem.Extent piece : pieces)
			piece.read();
		return pieces;
	}

	@Override
	public void close() throws PmemException {
		PmemException.check(Pmem.LIB.pmem_region_close(pointer));
	}
}

class Job {
	private static long fillAndAdd(Region region) throws PmemException {
		ByteBuffer bytes = region.bytes();
		long sum = 0;
		PmemException.check(Pmem.LIB.pmem_region_cpu_begin(region.pointer, 0, Pmem.PMEM_TO_END,
			Pmem.PMEM_DIR_BOTH));
		for (int i = 0; i < bytes.capacity(); i++)
			bytes.put(i, (byte) (i % 251));
		for (int i = 0; i < bytes.capacity(); i++)
			sum += bytes.get(i) & 0xff;
		PmemException.check(Pmem.LIB.pmem_region_cpu_end(region.pointer, 0, Pmem.PMEM_TO_END,
			Pmem.PMEM_DIR_BOTH));
		return sum;
	}

	private static void job(Context ctx, Region region) throws PmemException {
		boolean contiguous = (Pmem.LIB.pmem_region_attrs(region.pointer) & Pmem.PMEM_REGION_CONTIGUOUS) != 0;
		LongByReference number = new LongByReference();
		IntByReference word = new IntByReference();
		long pieces = 0;

		System.out.println("size " + Long.toUnsignedString(region.size()));
		System.out.println("contiguous " + (contiguous ? "yes" : "no"));
		boolean known = Pmem.LIB.pmem_region_phys(region.pointer, number) == 0;
		System.out.println("address " + (known ? "yes" : "no"));
		PmemException.check(Pmem.LIB.pmem_region_write32(region.pointer, 8, 0x12345678));
		PmemException.check(Pmem.LIB.pmem_region_read32(region.pointer, 8, word));
		System.out.println(String.format("word 0x%08x", word.getValue()));
		System.out.println("sum " + fillAndAdd(region));
		for (Pmem.Extent piece : region.extents())
			pieces += piece.length;
		System.out.println("pieces " + pieces);
		Pointer inside = Pmem.LIB.pmem_region_data(region.pointer).share(region.size() / 16);
		PmemException.check(Pmem.LIB.pmem_region_find(ctx.pointer, inside, new PointerByReference(), number));
		System.out.println("found " + number.getValue());
		PmemException.check(Pmem.LIB.pmem_selftest_copy(ctx.pointer, region.size(), 0, 0, null, null, null));
		System.out.println("copy ok");
	}

	private static long parsed(String[] args) {
		try {
			if (args.length >= 1 && args.length <= 2 && args[0].matches("[0-9]+"))
				return Long.parseUnsignedLong(args[0]);
		} catch (NumberFormatException tooLong) {
			// as what is no number
		}
		System.err.println("usage: Job SIZE [BACKEND]");
		System.exit(2);
		return 0;
	}

	public static void main(String[] args) {
		long size = parsed(args);
		try (Context ctx = new Context(); Region region = ctx.alloc(size, args.length > 1 ? args[1] : null)) {
			job(ctx, region);
		} catch (PmemException why) {
			System.out.println("refused " + why.errno + " " + why.cause);
			for (PmemException child : why.children)
				System.out.println("child " + child.backend + " " + child.cause);
			System.err.println(why.getMessage() + "\n" + why.hint);
			System.exit(1);
		}
	}
}
