package io.retort.text;

import java.util.ArrayList;
import java.util.List;

/** Runs the statements of a chat template once. */
final class TemplateRendering {
    private final TemplateSource source;
    private final TemplateFuel fuel;
    private final List<Prompt.Piece> output = new ArrayList<>();

    private TemplateRendering(TemplateSource source) {
        this.source = source;
        fuel = new TemplateFuel(source);
    }

    static Prompt run(TemplateSource source, List<TemplateStatement> statements, TemplateScope scope) {
        var rendering = new TemplateRendering(source);
        rendering.block(statements, scope);
        return new Prompt(rendering.output);
    }

    private void block(List<TemplateStatement> statements, TemplateScope scope) {
        for (TemplateStatement statement : statements) {
            switch (statement) {
                case TemplateStatement.Literal literal -> write(Prompt.trusted(literal.text()), 0);
                case TemplateStatement.Output output -> {
                    TemplateExpression value = output.value();
                    write(evaluation(scope).text(evaluation(scope).value(value), value.at()), value.at());
                }
                case TemplateStatement.If choice ->
                    block(evaluation(scope).value(choice.condition()).truthy() ? choice.then() : choice.otherwise(),
                            scope);
                case TemplateStatement.For loop -> loop(loop, scope);
                case TemplateStatement.Set set -> scope.set(set.variable(), evaluation(scope).value(set.value()));
                case TemplateStatement.SetMember set -> setMember(set, scope);
            }
        }
    }

    private TemplateEvaluation evaluation(TemplateScope scope) {
        return new TemplateEvaluation(source, scope, fuel);
    }

    private void write(Prompt text, int at) {
        fuel.burn(1 + text.length(), at);
        output.addAll(text.pieces());
    }

    private void loop(TemplateStatement.For loop, TemplateScope scope) {
        TemplateValue sequence = evaluation(scope).value(loop.sequence());
        int at = loop.sequence().at();
        if (!(sequence instanceof TemplateValue.Sequence list)) {
            throw source.unsupported(at, "a loop over " + sequence.type());
        }
        List<TemplateValue> elements = list.elements();
        for (int i = 0; i < elements.size(); i++) {
            fuel.burn(1, at);
            TemplateScope round = scope.inner();
            round.set("loop", new TemplateValue.Loop(i, elements.size()));
            round.set(loop.variable(), elements.get(i));
            block(loop.body(), round);
        }
    }

    private void setMember(TemplateStatement.SetMember set, TemplateScope scope) {
        if (!(scope.get(set.namespace()) instanceof TemplateValue.Mapping mapping && mapping.changeable())) {
            throw source.fault(set.at(), "`" + set.namespace() + "` is no namespace");
        }
        mapping.members().put(set.name(), evaluation(scope).value(set.value()));
    }
}
