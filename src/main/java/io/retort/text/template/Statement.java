package io.retort.text.template;

import java.util.List;
import java.util.Optional;

/** A statement of a chat template. */
sealed interface Statement {
    record Literal(String text) implements Statement {}

    record Output(Expression value) implements Statement {}

    /**
     * {@code for}: a loop over the elements of a sequence.
     *
     * @param variables one, or as many as each element of the sequence has
     * @param condition what elements must fulfil to be counted at all
     * @param otherwise what is done if there are none
     */
    record For(List<String> variables, Expression sequence, Optional<Expression> condition, List<Statement> body,
            List<Statement> otherwise) implements Statement {}

    /** {@code if}: a choice between statements; an {@code elif} is an {@code if} alone in {@code otherwise}. */
    record If(Expression condition, List<Statement> then, List<Statement> otherwise) implements Statement {}

    /**
     * {@code set}: gives one variable the value, or each of several an element of it.
     *
     * @param variables one, or as many as the value has elements
     */
    record Set(List<String> variables, Expression value) implements Statement {}

    /** {@code set namespace.name = value}: changes a member of a namespace. */
    record SetMember(String namespace, String name, Expression value, int at) implements Statement {}

    /**
     * {@code set variable} with what a body writes.
     *
     * @param filtered the variable behind the filters that the text goes through
     */
    record SetBlock(String variable, Expression filtered, List<Statement> body) implements Statement {}

    /** {@code filter name}: the body's text goes through filters; {@code filtered} is them behind {@link #BODY}. */
    record FilterBlock(Expression filtered, List<Statement> body) implements Statement {
        /** The name of what the body writes; no template can write it. */
        static final String BODY = "(body)";
    }

    /** {@code macro}: parameters with their defaults, of which the first ones may be missing. */
    record Macro(String name, List<String> parameters, List<Expression> defaults, List<Statement> body)
            implements
                Statement {}

    /** {@code call(…) macro(…)}: the macro may call the body as {@code caller}. */
    record CallBlock(Macro caller, Expression.Call call) implements Statement {}

    /** {@code with}: variables of the body alone; also {@code block} and {@code generation}, which have none. */
    record With(List<String> variables, List<Expression> values, List<Statement> body) implements Statement {}

    record Break() implements Statement {}

    record Continue() implements Statement {}

    /** A tag that needs what no chat template has, such as other templates. */
    record Refused(String tag, int at) implements Statement {}
}
