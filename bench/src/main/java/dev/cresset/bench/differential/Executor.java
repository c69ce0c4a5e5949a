package dev.cresset.bench.differential;

import dev.cresset.bench.differential.program.RandomProgram;
import java.util.List;

/** Something that runs random programs. */
public interface Executor extends AutoCloseable {
    /** How reports name it. */
    String name();

    /**
     * Loads the program and makes the calls one after the other on a fresh instance of it, which is done {@code passes} times.
     *
     * @return the outcomes of each pass
     */
    List<List<Outcome>> run(RandomProgram program, byte[] archive, List<CallSpec> calls, int passes) throws Exception;

    /** Whether an error is a known fault of the executor itself, so that nothing can be learned from it. */
    default boolean isOwnFault(String error) { return false; }

    @Override void close();
}
