package dev.cresset.bench.gpu;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cresset.ir.diag.CressetException;
import java.util.Arrays;

/**
 * Makes one {@link Fault} happen in this process and prints a JSON object that says whether all went as it must; without
 * arguments it prints the faults' names. Part of the GPU acceptance, where only the CLI's libraries are there.
 */
public final class FaultCheck {
    private FaultCheck() {}

    public static void main(String[] arguments) {
        if (arguments.length == 0) {
            for (Fault f : Fault.values()) System.out.println(f.title());
            return;
        }
        Fault fault = Arrays.stream(Fault.values()).filter(f -> f.title().equals(arguments[0])).findFirst()
            .orElseThrow(() -> new IllegalArgumentException("there is no fault '" + arguments[0] + "'"));
        System.exit(run(fault) ? 0 : 1);
    }

    private static boolean run(Fault fault) {
        boolean ok = true;
        String detail;
        try {
            detail = fault.check();
        } catch (IllegalStateException | CressetException e) {
            ok = false;
            detail = e.toString();
        }
        System.out.println(new ObjectMapper().createObjectNode().put("fault", fault.title()).put("ok", ok).put("detail", detail));
        return ok;
    }
}
