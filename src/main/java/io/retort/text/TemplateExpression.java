package io.retort.text;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An expression of a chat template; {@code at} is its offset in the source. */
sealed interface TemplateExpression {
    int at();

    /** What stands between the brackets of a call. */
    record Arguments(List<TemplateExpression> positional, Map<String, TemplateExpression> named) {
        static final Arguments NONE = new Arguments(List.of(), Map.of());
    }

    record Literal(TemplateValue value, int at) implements TemplateExpression {}

    record Variable(String name, int at) implements TemplateExpression {}

    record ListOf(List<TemplateExpression> elements, int at) implements TemplateExpression {}

    /** {@code object.name} and {@code object[key]}. */
    record Member(TemplateExpression object, TemplateExpression key, int at) implements TemplateExpression {}

    /** {@code object[from:to]}; with step −1 and no bounds, reversed. */
    record Slice(TemplateExpression object, Optional<TemplateExpression> from, Optional<TemplateExpression> to,
            boolean reversed, int at) implements TemplateExpression {}

    /** {@code name(…)}. */
    record Call(String function, Arguments arguments, int at) implements TemplateExpression {}

    /** {@code object.name(…)}, and the filter {@code object | name(…)}. */
    record Method(TemplateExpression object, String name, Arguments arguments, boolean filter, int at)
            implements
                TemplateExpression {}

    /** {@code operand is [not] name}. */
    record Test(TemplateExpression operand, String name, boolean negated, int at) implements TemplateExpression {}

    record Not(TemplateExpression operand, int at) implements TemplateExpression {}

    record Negative(TemplateExpression operand, int at) implements TemplateExpression {}

    record Binary(String operator, TemplateExpression left, TemplateExpression right, int at)
            implements
                TemplateExpression {}

    /** {@code then if condition else otherwise}. */
    record Choice(TemplateExpression condition, TemplateExpression then, Optional<TemplateExpression> otherwise, int at)
            implements
                TemplateExpression {}
}
