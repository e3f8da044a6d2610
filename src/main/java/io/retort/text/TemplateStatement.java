package io.retort.text;

import java.util.List;

/** A statement of a chat template. */
sealed interface TemplateStatement {
    record Literal(String text) implements TemplateStatement {}

    record Output(TemplateExpression value) implements TemplateStatement {}

    record For(String variable, TemplateExpression sequence, List<TemplateStatement> body)
            implements
                TemplateStatement {}

    /** {@code elif} is an {@code if} alone in {@code otherwise}. */
    record If(TemplateExpression condition, List<TemplateStatement> then, List<TemplateStatement> otherwise)
            implements
                TemplateStatement {}

    record Set(String variable, TemplateExpression value) implements TemplateStatement {}

    /** {@code set namespace.name = value}. */
    record SetMember(String namespace, String name, TemplateExpression value, int at) implements TemplateStatement {}
}
