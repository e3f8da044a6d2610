package io.retort.text.template;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The values with which a template calls a function, method, filter or test. */
record Arguments(List<Value> positional, Map<String, Value> named) {
    static final Arguments NONE = new Arguments(List.of(), Map.of());

    /** Arguments of one value, given by place. */
    static Arguments of(Value value) {
        return new Arguments(List.of(value), Map.of());
    }

    int count() {
        return positional.size() + named.size();
    }

    /** The argument at a place or, given by name, of that name. */
    Optional<Value> get(int place, String name) {
        return place < positional.size() ? Optional.of(positional.get(place)) : Optional.ofNullable(named.get(name));
    }

    /** The argument of that name, which a place cannot give. */
    Optional<Value> get(String name) {
        return Optional.ofNullable(named.get(name));
    }

    /** Whether there are no others than a callee takes: at most so many by place, and only these names. */
    boolean fit(int places, String... names) {
        return positional.size() <= places && Set.of(names).containsAll(named.keySet());
    }

    /** These arguments without the first of those given by place. */
    Arguments rest() {
        return new Arguments(positional.subList(1, positional.size()), new HashMap<>(named));
    }
}
