package dev.cresset.kernels.cuda.driver;

/** CUDA C that NVRTC refuses: a fault of whatever printed it. */
public final class KernelCompileException extends CudaException {
    private final String log;
    private final String source;

    KernelCompileException(String name, String status, String log, String source) {
        super(name + " does not compile (" + status + "):\n" + log.strip() + "\nThe source:\n" + numbered(source));
        this.log = log;
        this.source = source;
    }

    /** What NVRTC said. */
    public String log() { return log; }

    public String source() { return source; }

    private static String numbered(String source) {
        StringBuilder out = new StringBuilder();
        int number = 0;
        for (String line : source.split("\n", -1)) out.append(String.format("%4d  %s%n", ++number, line));
        return out.toString();
    }
}
