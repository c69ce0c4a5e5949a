package dev.cresset.kernels.cuda.code;

import dev.cresset.ir.type.ScalarType;
import dev.cresset.kernels.fuse.LoopNest;
import dev.cresset.kernels.nest.Loops;
import dev.cresset.kernels.nest.Structure;
import java.util.List;

/**
 * Products of matrices of few rows ({@code tile.cuh}) with what is made of their elements, printed as the kernels of loop nests are. Items
 * are tiles, a block each.
 *
 * @param slots of the parameter, after those of {@link Arguments}
 */
public record TileKernel(String entry, String source, List<Slot> slots, Launch launch) implements KernelSource {
    private static final int[] ROWS = {16, 32, 64};
    private static final int COLUMNS = 64, THREADS = 128, SLICE_BYTES = 128;
    private static final List<String> FAMILIES = List.of("mma.cuh", "tile.cuh");

    public TileKernel { slots = List.copyOf(slots); }

    /**
     * Which of the kernels.
     *
     * @param type of the elements of both matrices
     * @param rows of a tile
     */
    public record Form(ScalarType type, int rows, Sums sums) {
        /** For a product of so many rows. */
        public static Form of(ScalarType type, long rows, Sums sums) {
            for (int r : ROWS) if (rows <= r) return new Form(type, r, sums);
            return new Form(type, ROWS[ROWS.length - 1], sums);
        }

        private String template() {
            String shape = CudaTypes.element(type) + ", " + rows;
            return shape + ", tile_" + sums + "<" + shape + ">";
        }

        /** How many tiles there are. */
        public long tiles(long allRows, long columns) { return Math.ceilDiv(allRows, (long) rows) * Math.ceilDiv(columns, (long) COLUMNS); }

        /** Elements of a row that are in shared memory at once. */
        public long slice() { return SLICE_BYTES / type.byteSize(); }
    }

    /**
     * What all of them take.
     *
     * @param a,b       addresses of matrices of {@code depth} columns
     * @param sums      room for parts × rows × columns numbers of float32, 0 if there is one part
     * @param partDepth of each part but the last, in whole slices
     * @param aligned   rows of both begin and end at multiples of 16 bytes
     */
    public record Arguments(long a, long b, long sums, long rows, long columns, long depth, long aRow, long bRow, long parts, long partDepth, boolean aligned) {
        public long[] slots() { return new Slots().add(a, b, sums, rows, columns, depth, aRow, bRow, parts, partDepth).flag(aligned).values(); }
    }

    /** Leaves the sums of parts in memory. */
    public static FamilyKernel part(Form f) {
        return FamilyKernel.of(FamilyKernel.name("tile_part", f.type, f.rows, f.sums), FAMILIES, "tile_args",
            () -> "tile_part<" + f.template() + ">", Launch.block(THREADS));
    }

    /**
     * Writes what the epilogue makes of the sums.
     *
     * @param epilogue as {@link dev.cresset.kernels.fuse.TiledProduct} has it
     * @throws dev.cresset.ir.diag.UnsupportedException if it has more operands than a kernel can take
     */
    public static TileKernel whole(Form f, LoopNest epilogue) {
        Loops loops = Loops.inOrder(epilogue);
        Structure s = Structure.of(epilogue, loops);
        Lines out = new Lines();
        NestPrinter printer = new NestPrinter(s, Variant.of(s, loops, false), Schedule.ELEMENTS, out);
        String index = printer.index();
        out.open("{");
        out.add("__shared__ tile_memory<" + f.rows + "> memory;");
        out.open("for (i64 item = blockIdx.x; item < tile_items<" + f.rows + ">(p.tile); item += gridDim.x) {");
        out.add("const tile_item at = tile_find<" + f.rows + ">(p.tile, item);");
        out.add("const float* sums = tile_multiply<" + f.template() + ">(p.tile, at, memory);");
        out.open("for (int e = threadIdx.x; e < " + f.rows * COLUMNS + "; e += " + THREADS + ") {");
        out.add("const i64 row = at.row + e / " + COLUMNS + ", column = at.column + e % " + COLUMNS + ";");
        out.add("if (row >= p.tile.rows || column >= p.tile.columns) continue;");
        out.add("const float sum = sums[e / " + COLUMNS + " * TILE_SUMS + e % " + COLUMNS + "];");
        out.add("const " + index + " i = (" + index + ") (row * p.tile.columns + column);");
        printer.element("i", 0, "sum");
        out.close();
        out.add("__syncthreads();");
        out.close();
        out.close();
        Launch launch = Launch.block(THREADS);
        String text = "struct @_args {\n    tile_args tile;\n" + printer.parameters().fields() + "};\nextern \"C\" __global__ void " + launch.bounds()
            + " @(const @_args p) " + out;
        String name = "t" + Parameters.hash(text);
        return new TileKernel(name, text.replace("@", name), printer.parameters().slots(), launch);
    }

    @Override public Object key() { return entry; }

    @Override public List<String> families() { return FAMILIES; }

    /**
     * The values of its parameter.
     *
     * @param bases  as {@link KernelText#pack} takes them, of the epilogue's operands; that of the sums does not count
     * @param loops  of the epilogue, in order
     */
    public long[] pack(Arguments tile, long[] bases, int[] widths, Loops loops) {
        return new Slots().add(tile.slots()).add(KernelText.pack(slots, bases, widths, loops, _ -> null)).values();
    }
}
