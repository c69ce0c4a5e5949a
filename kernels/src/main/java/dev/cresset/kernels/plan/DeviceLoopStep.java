package dev.cresset.kernels.plan;

import dev.cresset.kernels.cuda.CudaCall;
import dev.cresset.kernels.cuda.CudaStream;
import dev.cresset.kernels.cuda.code.LoopKernel;
import dev.cresset.kernels.nest.Loops;
import java.util.ArrayList;
import java.util.List;

/**
 * A loop over fusion groups as one kernel, see Note [Loops as one kernel] in {@link FusedLoop}.
 *
 * @param blocks      of the grid
 * @param sharedBytes dynamic shared memory of a block
 * @param arrived     where blocks note that they have come to where they wait for each other
 */
record DeviceLoopStep(LoopKernel kernel, int steps, List<Phase> phases, int blocks, int sharedBytes, Buffer arrived, List<Place> reads, List<Place> writes)
    implements Step {
    /**
     * One nest of a step.
     *
     * @param operands as the first step has them
     * @param moves    of those that lie elsewhere in later steps, in order
     * @param kept     where rows that are kept begin in shared memory, in bytes
     */
    record Phase(Loops loops, List<Place> operands, List<Move> moves, long[] kept) {
        private LoopKernel.Arguments arguments(Frame frame) {
            return new LoopKernel.Arguments(loops, operands.stream().mapToInt(p -> p.type().byteSize()).toArray(),
                operands.stream().mapToLong(frame::address).toArray(), moves.stream().mapToLong(m -> frame.address(m.buffer) + m.offset).toArray(),
                moves.stream().mapToLong(Move::stride).toArray(), kept);
        }
    }

    /** Where an operand's first element lies in the second step, and how it moves on from there, in bytes. */
    record Move(Buffer buffer, long offset, long stride) {}

    @Override public List<Buffer> works() { return List.of(arrived); }

    @Override public boolean runsAlone() { return true; }

    @Override public Action bind(Frame frame) {
        return context -> {
            CudaStream stream = CudaCall.stream(context);
            List<LoopKernel.Arguments> arguments = new ArrayList<>();
            for (Phase p : phases) arguments.add(p.arguments(frame));
            stream.fill(frame.address(arrived), arrived.bytes);
            stream.launchTogether(kernel, kernel.pack(steps, frame.address(arrived), arguments), blocks, sharedBytes);
        };
    }

    @Override public String label() { return "fused loop"; }

    @Override public String text() {
        return "fused loop of " + steps + " steps " + reads + " -> " + writes + " by " + kernel.entry() + ", " + blocks + " blocks that keep " + sharedBytes + " bytes";
    }

    @Override public String kernelText() { return kernel.source(); }
}
