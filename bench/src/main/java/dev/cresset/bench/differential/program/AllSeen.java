package dev.cresset.bench.differential.program;

import dev.cresset.bench.differential.program.Statement.Assign;
import dev.cresset.bench.differential.program.Statement.Branch;
import dev.cresset.bench.differential.program.Statement.Loop;
import dev.cresset.bench.differential.program.Statement.Other;
import dev.cresset.bench.differential.program.Statement.Write;
import java.util.ArrayList;
import java.util.List;

/**
 * A program that also prints something about all it computes. An engine may leave out statements whose results nobody sees,
 * and then does not notice that they would fail; here it may leave out none.
 */
public final class AllSeen {
    private AllSeen() {}

    public static RandomProgram of(RandomProgram program) { return program.withBody(seen(program.body())); }

    private static List<Statement> seen(List<Statement> block) {
        List<Statement> out = new ArrayList<>();
        for (Statement s : block) {
            out.add(switch (s) {
                case Branch b -> new Branch(b.condition(), seen(b.then()), seen(b.otherwise()));
                case Loop l -> new Loop(l.header(), l.trips(), l.maySooner(), seen(l.body()));
                default -> s;
            });
            if (s instanceof Assign a && !a.value().text().contains("List[")) a.targets().forEach(t -> out.add(print(t)));
            if (s instanceof Write w) out.add(print(w.target()));
        }
        return out;
    }

    private static Statement print(String tensor) { return new Other("print(torch.numel(" + tensor + "))"); }
}
