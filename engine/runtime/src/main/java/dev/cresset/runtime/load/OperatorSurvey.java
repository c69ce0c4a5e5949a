package dev.cresset.runtime.load;

import dev.cresset.LoadReport;
import dev.cresset.ir.diag.CressetException;
import dev.cresset.ir.graph.Block;
import dev.cresset.ir.graph.Graph;
import dev.cresset.ir.graph.Kinds;
import dev.cresset.ir.graph.Location;
import dev.cresset.ir.graph.Node;
import dev.cresset.ir.graph.ScriptFunction;
import dev.cresset.ir.type.ClassType;
import dev.cresset.ir.type.InterfaceType;
import dev.cresset.ir.type.Type;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Walks the code that can be reached from some functions and notes the operators it calls. */
public final class OperatorSurvey {
    private record Found(String obstacle, List<Location> places) {}

    private final Set<ScriptFunction> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    private final ArrayDeque<ScriptFunction> open = new ArrayDeque<>();
    private final Set<ClassType> classes = new LinkedHashSet<>();
    private final Set<String> interfaceMethods = new LinkedHashSet<>();
    private final Map<String, Found> operators = new TreeMap<>();
    private final List<LoadReport.Failure> failures = new ArrayList<>();

    private OperatorSurvey() {}

    /** @param instances the classes of objects that exist before anything runs: what an interface may stand for */
    public static LoadReport of(Collection<ScriptFunction> functions, Collection<ClassType> instances) {
        OperatorSurvey survey = new OperatorSurvey();
        survey.classes.addAll(instances);
        functions.forEach(survey::reach);
        while (!survey.open.isEmpty()) survey.visit(survey.open.poll());
        List<LoadReport.Use> uses = new ArrayList<>();
        survey.operators.forEach((name, found) -> uses.add(new LoadReport.Use(name, found.obstacle, found.places)));
        return new LoadReport(uses, survey.failures);
    }

    private void reach(ScriptFunction function) { if (seen.add(function)) open.add(function); }

    private void visit(ScriptFunction function) {
        Graph graph;
        try {
            graph = function.graph();
        } catch (CressetException e) {
            failures.add(new LoadReport.Failure(function.qualifiedName(), e.getMessage()));
            return;
        }
        visit(graph.body());
    }

    private void visit(Block block) {
        for (Node node : block.nodes()) {
            visit(node);
            node.blocks().forEach(this::visit);
            node.subgraph().ifPresent(g -> visit(g.body()));
        }
    }

    private void visit(Node node) {
        if (node.operator() != null) {
            String name = node.operator().schema().qualifiedName();
            note(name, node.operator().isImplemented() ? "" : "not supported by this version of Cresset",
                node.location());
        }
        switch (node.kind()) {
            case Kinds.CONSTANT -> { if (node.attribute("function") instanceof ScriptFunction f) reach(f); }
            case Kinds.CALL_METHOD -> method(node.input(0).type(), node.text("name"));
            case Kinds.ENTER -> method(node.input(0).type(), "__enter__");
            case Kinds.EXIT -> method(node.input(0).type(), "__exit__");
            case Kinds.CREATE_OBJECT -> instance(node.output().type());
            case Kinds.UNRESOLVED -> note(node.text("name"), node.text("reason"), node.location());
            default -> { }
        }
    }

    private void note(String name, String obstacle, Location place) {
        operators.computeIfAbsent(name, _ -> new Found(obstacle, new ArrayList<>())).places.add(place);
    }

    private void method(Type type, String name) {
        if (type instanceof ClassType c) {
            c.method(name).ifPresent(this::reach);
        } else if (type instanceof InterfaceType && interfaceMethods.add(name)) {
            for (ClassType c : classes) c.method(name).ifPresent(this::reach);
        }
    }

    private void instance(Type type) {
        if (type instanceof ClassType c && classes.add(c)) for (String name : interfaceMethods) c.method(name)
            .ifPresent(this::reach);
    }
}
