package io.retort.text.template;

import java.util.HashMap;
import java.util.Map;

/** The variables of a chat template; what a loop sets is forgotten with each of its rounds, as in Jinja. */
final class Scope {
    private final Scope outer;
    private final Map<String, Value> variables = new HashMap<>();

    private Scope(Scope outer) {
        this.outer = outer;
    }

    static Scope of(Map<String, Value> variables) {
        var scope = new Scope(null);
        scope.variables.putAll(variables);
        return scope;
    }

    Scope inner() {
        return new Scope(this);
    }

    void set(String name, Value value) {
        variables.put(name, value);
    }

    Value get(String name) {
        for (Scope scope = this; scope != null; scope = scope.outer) {
            Value value = scope.variables.get(name);
            if (value != null) return value;
        }
        return new Value.Undefined(name);
    }
}
