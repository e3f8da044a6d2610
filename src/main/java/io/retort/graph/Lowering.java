package io.retort.graph;

import io.retort.graph.Operation.Part;
import io.retort.graph.Operation.Permute;
import io.retort.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Turns values into steps on memory: decides where each value lies, which kernel computes it and in which order.
 * Reshaped and permuted values are views of others; a value that all its readers see permuted is written in that order
 * in the first place.
 */
final class Lowering {
    private final List<Step> steps = new ArrayList<>();
    private final Map<Value, Place> places = new IdentityHashMap<>();
    private final Map<Value, Place> dense = new IdentityHashMap<>();
    private final Map<Value, List<Value>> users = new IdentityHashMap<>();
    private final Set<Value> outputs = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Map<Value, Place> targets = new IdentityHashMap<>();
    private final StepWriter writer = new StepWriter(this);

    /**
     * Makes the plan of a run in which all inputs are there from the start.
     *
     * @param outputs what a run returns
     * @param targets values that are to lie in memory outside of the arena: gradients of parameters
     */
    static Plan lower(List<Value> outputs, Map<Storage, Value> targets) {
        return lower(outputs, targets, Set.of());
    }

    /**
     * Makes the plan of a run that may pause until further inputs arrive.
     *
     * @param late inputs that may be fed when everything that does not depend on them is done, outputs included
     */
    static Plan lower(List<Value> outputs, Map<Storage, Value> targets, Set<String> late) {
        return new Lowering().plan(outputs, targets, late);
    }

    private Plan plan(List<Value> results, Map<Storage, Value> wanted, Set<String> late) {
        outputs.addAll(results);
        outputs.addAll(wanted.values());
        wanted.forEach((storage, value) -> targets.putIfAbsent(value, Place.dense(storage, value.shape)));
        List<Value> roots = new ArrayList<>(results);
        roots.addAll(wanted.values());
        List<Value> order = Value.inOrder(roots);
        for (Value value : order) {
            for (Value input : value.inputs) users.computeIfAbsent(input, v -> new ArrayList<>()).add(value);
        }
        Set<Value> waiting = dependents(order, late);
        List<Plan.Feed> feeds = new ArrayList<>();
        order.stream().filter(value -> !waiting.contains(value)).forEach(value -> lower(value, feeds));
        results.stream().filter(value -> !waiting.contains(value)).forEach(this::dense);
        int early = steps.size();
        order.stream().filter(waiting::contains).forEach(value -> lower(value, feeds));
        wanted.forEach((storage, value) -> {
            if (!places.get(value).storage().equals(storage)) {
                writer.copy(places.get(value), Place.dense(storage, value.shape));
            }
        });
        List<Place> returned = results.stream().map(this::dense).toList();
        return Plan.of(feeds, steps, returned, early);
    }

    /** Returns those values of {@code order} that depend on the given inputs. */
    private static Set<Value> dependents(List<Value> order, Set<String> inputs) {
        Set<Value> dependents = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Value value : order) {
            boolean fed = value.operation instanceof Operation.Input(String name, boolean _) && inputs.contains(name);
            if (fed || value.inputs.stream().anyMatch(dependents::contains)) dependents.add(value);
        }
        return dependents;
    }

    private void lower(Value value, List<Plan.Feed> feeds) {
        if (value.operation instanceof Operation.Input(String name, boolean inPlace)) {
            Storage storage = inPlace ? new Storage.Fed(name) : new Storage.Buffer(value.shape.size());
            feeds.add(new Plan.Feed(name, place(value, Place.dense(storage, value.shape))));
        } else {
            lower(value);
        }
    }

    private void lower(Value v) {
        // Not a switch over types: for each of those the JVM makes a class first, which a first answer waits for.
        Operation of = v.operation;
        if (of instanceof Operation.Input) {
            throw new AssertionError(v);
        } else if (of instanceof Operation.Parameter(String name)) {
            place(v, Place.dense(new Storage.Parameter(name), v.shape));
        } else if (of instanceof Operation.Constant(String name)) {
            place(v, Place.dense(new Storage.Constant(name), v.shape));
        } else if (of instanceof Operation.Fill(float value)) {
            place(v, Place.dense(new Storage.Filled(value, v.shape.size()), v.shape));
        } else if (of instanceof Operation.Reshape) {
            place(v, Place.dense(dense(v.input(0)).storage(), v.shape));
        } else if (of instanceof Permute(List<Integer> order)) {
            place(v, places.get(v.input(0)).permuted(order));
        } else if (of instanceof Part(int index)) {
            place(v, partPlaces.get(v.input(0)).get(index));
        } else {
            writer.write(v);
        }
    }

    // ---- what step writers ask for

    void step(Operation operation, List<Place> touched, Step.Binding binding) {
        List<Storage.Buffer> buffers = new ArrayList<>();
        for (Place place : touched) {
            if (!(place.storage() instanceof Storage.Buffer buffer)) continue;
            buffers.add(buffer);
        }
        steps.add(new Step(operation, buffers, binding));
    }

    Place place(Value value, Place place) {
        places.put(value, place);
        return place;
    }

    /** Returns where the value lies, with whatever strides. */
    Place place(Value value) {
        return places.get(value);
    }

    /** Returns where the value lies row-major without gaps; it is copied there if need be. */
    Place dense(Value value) {
        Place place = places.get(value);
        if (place.isDense()) return Place.dense(place.storage(), place.shape());
        return dense.computeIfAbsent(value, v -> {
            Place copy = fresh(v.shape);
            writer.copy(place, copy);
            return copy;
        });
    }

    Place fresh(Shape shape) {
        return Place.dense(new Storage.Buffer(shape.size()), shape);
    }

    /** Assigns new dense memory for the result of a value. */
    Place result(Value value) {
        return place(value, resultPlace(value));
    }

    /** Assigns new memory for a result whose kernel can write it with any strides. */
    Place stridedResult(Value value) {
        List<Integer> order = permutationOfReaders(value);
        if (order == null) return result(value);
        Shape shape = Shape.of(order.stream().mapToInt(value::dim).toArray());
        return place(value, fresh(shape).unpermuted(order));
    }

    private Place resultPlace(Value value) {
        Place target = targets.get(value);
        return target != null ? target : fresh(value.shape);
    }

    private List<Integer> permutationOfReaders(Value value) {
        List<Integer> common = null;
        for (Value user : users.getOrDefault(value, List.of())) {
            if (!(user.operation instanceof Permute(List<Integer> order))) return null;
            if (common != null && !common.equals(order)) return null;
            common = order;
        }
        return outputs.contains(value) ? null : common;
    }

    private final Map<Value, Map<Integer, Place>> partPlaces = new IdentityHashMap<>();

    /**
     * Assigns new memory for one part of a value that has several, or returns null if nobody reads that part.
     *
     * @param strided whether it may have any strides
     */
    Place part(Value value, int index, boolean strided) {
        for (Value user : users.getOrDefault(value, List.of())) {
            if (!(user.operation instanceof Part(int i)) || i != index) continue;
            Place place = strided ? stridedResult(user) : result(user);
            partPlaces.computeIfAbsent(value, v -> new java.util.HashMap<>()).put(index, place);
            return place;
        }
        return null;
    }
}
