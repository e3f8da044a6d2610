package io.retort.text;

import java.util.HashMap;
import java.util.Map;

/** The variables of a chat template; what a loop sets is forgotten with each of its rounds, as in Jinja. */
final class TemplateScope {
    private final TemplateScope outer;
    private final Map<String, TemplateValue> variables = new HashMap<>();

    private TemplateScope(TemplateScope outer) {
        this.outer = outer;
    }

    static TemplateScope of(Map<String, TemplateValue> variables) {
        var scope = new TemplateScope(null);
        scope.variables.putAll(variables);
        return scope;
    }

    TemplateScope inner() {
        return new TemplateScope(this);
    }

    void set(String name, TemplateValue value) {
        variables.put(name, value);
    }

    TemplateValue get(String name) {
        for (TemplateScope scope = this; scope != null; scope = scope.outer) {
            TemplateValue value = scope.variables.get(name);
            if (value != null) return value;
        }
        return new TemplateValue.Undefined(name);
    }
}
