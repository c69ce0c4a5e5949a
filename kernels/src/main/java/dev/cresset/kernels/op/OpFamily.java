package dev.cresset.kernels.op;

/** A group of operators declared together, one statement each. */
@FunctionalInterface
public interface OpFamily {
    void declare(Catalog ops);

    /** The same operators, which in a call on a device run on the host; see {@link Catalog.Declaration#throughHost}. */
    default OpFamily throughHost() { return ops -> ops.throughHost(this); }
}
