package io.retort.text.template;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An expression of a chat template; {@code at} is its offset in the source. */
sealed interface Expression {
    int at();

    /** The argument expressions between the brackets of a call. */
    record Arguments(List<Expression> positional, Map<String, Expression> named) {
        static final Arguments NONE = new Arguments(List.of(), Map.of());
    }

    record Literal(Value value, int at) implements Expression {}

    record Variable(String name, int at) implements Expression {}

    /** A list {@code [a, b]} or a tuple {@code (a, b)}. */
    record ListOf(List<Expression> elements, boolean tuple, int at) implements Expression {}

    /** A dictionary {@code {key: value}}. */
    record DictionaryOf(List<Expression> keys, List<Expression> values, int at) implements Expression {}

    /** A member of an object, {@code object.name} or {@code object[key]}. */
    record Member(Expression object, Expression key, int at) implements Expression {}

    /** A slice {@code object[from:to:step]}, any part of which may be left out. */
    record Slice(Expression object, Optional<Expression> from, Optional<Expression> to, Optional<Expression> step,
            int at) implements Expression {}

    /** A call {@code callee(…)} of a function or macro. */
    record Call(Expression callee, Arguments arguments, int at) implements Expression {}

    /** A call {@code object.name(…)} of a value's own method. */
    record Method(Expression object, String name, Arguments arguments, int at) implements Expression {}

    /** A filter applied to a value, {@code object | name(…)}. */
    record Filter(Expression object, String name, Arguments arguments, int at) implements Expression {}

    /** A test of a value, {@code operand is [not] name(…)}. */
    record Test(Expression operand, String name, Arguments arguments, boolean negated, int at) implements Expression {}

    record Not(Expression operand, int at) implements Expression {}

    record Negative(Expression operand, int at) implements Expression {}

    record Binary(String operator, Expression left, Expression right, int at) implements Expression {}

    /** A choice between two expressions, {@code then if condition else otherwise}. */
    record Choice(Expression condition, Expression then, Optional<Expression> otherwise, int at)
            implements
                Expression {}
}
