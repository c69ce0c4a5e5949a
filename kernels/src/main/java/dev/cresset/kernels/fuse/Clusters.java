package dev.cresset.kernels.fuse;

import dev.cresset.ir.graph.Value;
import dev.cresset.kernels.fuse.Definitions.Role;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Merges nodes into clusters: first every node is one, then producers and consumers join, then those that read the same
 * value, as long as {@link FusionCost} finds it worth while and nothing outside has to run in between.
 */
final class Clusters {
    private final Readers readers;
    private final Definitions known;
    private final Map<Integer, Cluster> of = new HashMap<>();              // by node
    private final Map<Integer, String> refusals = new LinkedHashMap<>();   // by node that stays outside
    private final Map<Integer, Boolean> follows = new HashMap<>();
    private final Map<List<Cluster>, String> apart = new HashMap<>();      // pairs that were tried, by identity of members

    Clusters(Readers readers, Definitions known) {
        this.readers = readers;
        this.known = known;
    }

    /** Forms them all. */
    void form() {
        for (int i = 0; i < readers.count(); i++) {
            followsProduct(i);      // in order, so that no chain of calls is long
            if (readers.role(i) != Role.COMPUTE) continue;
            try {
                of.put(i, Cluster.of(new TreeSet<>(List.of(i)), readers, known));
            } catch (CannotFuse e) {
                refusals.put(i, e.reason());
            }
        }
        boolean changed = true;
        while (changed) changed = joinProducers() | joinSiblings();
        dissolve();
    }

    /** The cluster of a node, or null. */
    Cluster of(int node) { return of.get(node); }

    /** Why nodes that could be computed by a kernel are in no cluster. */
    Map<Integer, String> refusals() { return refusals; }

    /** The clusters, in order of their first nodes. */
    Set<Cluster> all() {
        Set<Cluster> out = new LinkedHashSet<>();
        for (int i = 0; i < readers.count(); i++) if (of.get(i) != null) out.add(of.get(i));
        return out;
    }

    /** Why a node is not in one cluster with a producer of it; null if nothing speaks against it. */
    String refusal(int producer, int consumer) { return apart.get(List.of(of.get(producer), of.get(consumer))); }

    /** From the end, so that what reads a reduction joins what follows it rather than the reduction's own rows. */
    private boolean joinProducers() {
        boolean changed = false;
        for (int i = readers.count() - 1; i >= 0; i--) {
            if (of.get(i) == null) continue;
            boolean again = true;
            while (again) {
                again = false;
                for (Cluster p : producers(of.get(i))) again |= isAlive(p) && join(p, of.get(i));
                changed |= again;
            }
        }
        return changed;
    }

    /** True if it has not become part of another. */
    private boolean isAlive(Cluster c) { return of.get(c.members().first()) == c; }

    private List<Cluster> producers(Cluster c) {
        Set<Cluster> out = new LinkedHashSet<>();
        for (int m : c.members()) {
            for (Value v : readers.sources(m)) {
                Cluster p = of.get(readers.definer(v));
                if (p != null && p != c) out.add(p);
            }
        }
        List<Cluster> nearestFirst = new ArrayList<>(out);
        nearestFirst.sort((a, b) -> Integer.compare(b.members().last(), a.members().last()));
        return nearestFirst;
    }

    private boolean joinSiblings() {
        boolean changed = false;
        Map<Value, Cluster> reader = new HashMap<>();
        for (int i = 0; i < readers.count(); i++) {
            if (of.get(i) == null) continue;
            for (Value v : readers.sources(i)) {
                Cluster other = reader.get(v);
                if (other != null && isAlive(other) && other != of.get(i)) changed |= join(other, of.get(i));
                reader.put(v, of.get(i));
            }
        }
        return changed;
    }

    private boolean join(Cluster a, Cluster b) {
        List<Cluster> pair = List.of(a, b);
        if (apart.containsKey(pair)) return false;
        try {
            if (!a.mayJoin(b)) throw new CannotFuse("too large");
            if (feedsProduct(a, b) || feedsProduct(b, a)) throw new CannotFuse("each row of the product would compute it again");
            if (isBetween(a, b) || isBetween(b, a)) throw new CannotFuse("something else has to run in between");
            TreeSet<Integer> members = new TreeSet<>(a.members());
            members.addAll(b.members());
            Cluster both = Cluster.of(members, readers, known);
            if (both.cost() > a.cost() + b.cost()) throw new CannotFuse("would repeat work");
            for (int m : members) of.put(m, both);
            return true;
        } catch (CannotFuse e) {
            apart.put(pair, e.reason());
            return false;
        }
    }

    /**
     * True if a product multiplies rows of its matrix by what another cluster computes of a product's result: that belongs to the product
     * before, and steps of a recurrence stay apart.
     */
    private boolean feedsProduct(Cluster from, Cluster to) {
        for (int m : to.members()) {
            if (!isProduct(m)) continue;
            for (Value v : readers.sources(m, 0)) {
                int by = readers.definer(v);
                if (from.members().contains(by) && followsProduct(by)) return true;
            }
        }
        return false;
    }

    private boolean isProduct(int node) { return readers.role(node) == Role.COMPUTE && ProductRules.TABLE.containsKey(readers.node(node).kind()); }

    /** True for products and what is computed of their results. */
    private boolean followsProduct(int node) {
        Boolean before = follows.get(node);
        if (before != null) return before;
        boolean found = isProduct(node);
        if (!found && readers.role(node) == Role.COMPUTE) {
            for (Value v : readers.sources(node)) found |= readers.definer(v) >= 0 && followsProduct(readers.definer(v));
        }
        follows.put(node, found);
        return found;
    }

    /** True if a way leads from one cluster to the other through something else. */
    private boolean isBetween(Cluster from, Cluster to) {
        int last = horizon(to);
        Set<Integer> seen = new HashSet<>();
        Deque<Integer> open = new ArrayDeque<>();
        for (int r : successors(from.members())) if (!from.members().contains(r) && !to.members().contains(r)) open.add(r);
        while (!open.isEmpty()) {
            int at = open.pop();
            Cluster c = of.get(at);
            Set<Integer> members = c == null ? Set.of(at) : c.members();
            int first = c == null ? at : c.members().first();
            if (!seen.add(first) || first > last) continue;
            for (int r : successors(members)) {
                if (to.members().contains(r)) return true;
                if (!members.contains(r) && !from.members().contains(r)) open.push(r);
            }
        }
        return false;
    }

    /** The last node from which a way may lead to a cluster: back in the order of nodes it goes only within clusters. */
    private int horizon(Cluster to) {
        int last = to.members().last();
        for (int i = 0; i <= last; i++) if (of.get(i) != null) last = Math.max(last, of.get(i).members().last());
        return last;
    }

    private Set<Integer> successors(Set<Integer> members) {
        Set<Integer> out = new TreeSet<>();
        for (int m : members) for (Value v : readers.node(m).outputs()) out.addAll(readers.readers(v));
        return out;
    }

    /** Takes apart what gains nothing from being a kernel. */
    private void dissolve() {
        for (Cluster c : all()) {
            String reason = c.isCopy() ? "only copies" : c.members().size() == 1 && c.elements() <= 16 ? "too small to gain" : null;
            if (reason == null) continue;
            for (int m : c.members()) {
                of.remove(m);
                refusals.put(m, reason);
            }
        }
    }
}
