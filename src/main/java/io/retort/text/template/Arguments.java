package io.retort.text.template;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a function, method, filter or test is called with. */
record Arguments(List<Value> positional, Map<String, Value> named) {
    static final Arguments NONE = new Arguments(List.of(), Map.of());

    /** One argument without a name. */
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

    /** Whether there are no more than these: so many by place, and names that are known. */
    boolean fit(int places, String... names) {
        return positional.size() <= places && Set.of(names).containsAll(named.keySet());
    }

    /** All but the first one. */
    Arguments rest() {
        return new Arguments(positional.subList(1, positional.size()), new HashMap<>(named));
    }
}
