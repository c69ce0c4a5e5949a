package dev.cresset.cli.dev;

import dev.cresset.kernels.op.Body;
import dev.cresset.kernels.op.Catalog;
import dev.cresset.kernels.op.Operator;
import dev.cresset.kernels.ops.Operators;
import java.io.PrintWriter;
import java.util.Collection;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code cresset dev ops}: the catalogue. */
@Command(name = "ops", mixinStandardHelpOptions = true, description =
    "Lists the declared operators: kind of body, schema.",
    footer = {"", "Examples:", "  cresset dev ops | grep conv", "  cresset dev ops --missing | wc -l"})
final class OpsCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Option(names = "--missing", description = "Instead those that PyTorch has and Cresset knows but does not run.")
    private boolean missing;

    @Override public Integer call() {
        Catalog catalog = Operators.catalog();
        PrintWriter out = spec.commandLine().getOut();
        Collection<String> names = missing ? new TreeSet<>(catalog.signatures().keySet()) : catalog.declaredNames();
        for (String name : names) {
            for (Operator op : catalog.overloads(name)) {
                if (op.isImplemented() != missing) out.println(missing ? op
                    : String.format("%-10s %s", kind(op.body()), op));
            }
        }
        return 0;
    }

    private static String kind(Body body) {
        return switch (body) {
            case Body.Pointwise _ -> "pointwise";
            case Body.Composite _ -> "composite";
            case Body.Host _ -> "host";
            case Body.Kernel _ -> "kernel";
        };
    }
}
