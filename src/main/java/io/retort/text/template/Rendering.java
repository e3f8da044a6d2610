package io.retort.text.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import io.retort.text.Prompt;

/** Runs the statements of a chat template once. */
final class Rendering {
    private static final int MOST_CALLS = 24;
    /** How a row of statements ended. */
    private enum Flow { ON, BREAK, CONTINUE }

    private final Source source;
    private final Fuel fuel;
    private final Writing writing;
    private List<Prompt.Piece> output = new ArrayList<>();
    private int calls;

    private Rendering(Source source) {
        this.source = source;
        fuel = new Fuel(source);
        writing = new Writing(source, fuel);
    }

    static Prompt run(Source source, List<Statement> statements, Scope scope) {
        var rendering = new Rendering(source);
        rendering.block(statements, scope);
        return new Prompt(rendering.output);
    }

    private Flow block(List<Statement> statements, Scope scope) {
        for (Statement statement : statements) {
            Flow flow = statement(statement, scope);
            if (flow != Flow.ON) return flow;
        }
        return Flow.ON;
    }

    private Flow statement(Statement statement, Scope scope) {
        switch (statement) {
            case Statement.Literal literal -> write(Prompt.trusted(literal.text()), 0);
            case Statement.Output output -> write(writing.text(value(output.value(), scope), output.value().at()),
                    output.value().at());
            case Statement.If choice -> {
                return block(value(choice.condition(), scope).truthy() ? choice.then() : choice.otherwise(), scope);
            }
            case Statement.For loop -> {
                return loop(loop, scope);
            }
            case Statement.Set set -> assign(set.variables(), value(set.value(), scope), scope, set.value().at());
            case Statement.SetMember set -> setMember(set, scope);
            case Statement.SetBlock set -> scope.set(set.variable(), filtered(set.filtered(), set.body(), scope));
            case Statement.FilterBlock filter -> write(writing.text(filtered(filter.filtered(), filter.body(), scope),
                    filter.filtered().at()), filter.filtered().at());
            case Statement.Macro macro -> scope.set(macro.name(), new Value.Callable(macro, scope));
            case Statement.CallBlock block -> {
                Scope inner = scope.inner();
                Value macro = value(block.call().callee(), scope);
                if (!(macro instanceof Value.Callable callable)) {
                    throw source.unsupported(block.call().at(), "a `call` of " + macro.type());
                }
                Arguments arguments = evaluation(scope).arguments(block.call().arguments());
                write(call(callable, arguments, Optional.of(new Value.Callable(block.caller(), inner)),
                        block.call().at()), block.call().at());
            }
            case Statement.With with -> {
                Scope inner = scope.inner();
                for (int i = 0; i < with.variables().size(); i++) {
                    inner.set(with.variables().get(i), value(with.values().get(i), scope));
                }
                return block(with.body(), inner);
            }
            case Statement.Break jump -> {
                return Flow.BREAK;
            }
            case Statement.Continue jump -> {
                return Flow.CONTINUE;
            }
            case Statement.Refused refused -> throw source.unsupported(refused.at(), "`{% " + refused.tag() + " %}`");
        }
        return Flow.ON;
    }

    private Value value(Expression expression, Scope scope) {
        return evaluation(scope).value(expression);
    }

    private Evaluation evaluation(Scope scope) {
        return new Evaluation(source, fuel, writing, this, scope);
    }

    private void write(Prompt text, int at) {
        fuel.burn(1 + text.length(), at);
        output.addAll(text.pieces());
    }

    private Flow loop(Statement.For loop, Scope scope) {
        int at = loop.sequence().at();
        Value over = value(loop.sequence(), scope);
        List<Value> elements = new Filters(source, fuel, writing, evaluation(scope)).elements(over, at);
        if (loop.condition().isPresent()) {
            elements = elements.stream().filter(element -> {
                fuel.burn(1, at);
                Scope round = scope.inner();
                assign(loop.variables(), element, round, at);
                return value(loop.condition().get(), round).truthy();
            }).toList();
        }
        if (elements.isEmpty()) return block(loop.otherwise(), scope.inner());
        var changes = new Value.Loop.Changes();
        for (int i = 0; i < elements.size(); i++) {
            fuel.burn(1, at);
            Scope round = scope.inner();
            round.set("loop", new Value.Loop(elements, i, changes));
            assign(loop.variables(), elements.get(i), round, at);
            if (block(loop.body(), round) == Flow.BREAK) break;
        }
        return Flow.ON;
    }

    private void assign(List<String> variables, Value value, Scope scope, int at) {
        if (variables.size() == 1) {
            scope.set(variables.getFirst(), value);
            return;
        }
        if (!(value instanceof Value.Sequence list) || list.elements().size() != variables.size()) {
            throw source.fault(at, variables.size() + " values expected instead of " + value.type());
        }
        for (int i = 0; i < variables.size(); i++) scope.set(variables.get(i), list.elements().get(i));
    }

    private void setMember(Statement.SetMember set, Scope scope) {
        if (!(scope.get(set.namespace()) instanceof Value.Mapping mapping && mapping.changeable())) {
            throw source.fault(set.at(), "`" + set.namespace() + "` is no namespace");
        }
        mapping.members().put(set.name(), value(set.value(), scope));
    }

    private Value filtered(Expression filters, List<Statement> body, Scope scope) {
        Scope inner = scope.inner();
        inner.set(Statement.FilterBlock.BODY, new Value.Text(written(body, inner)));
        return value(filters, inner);
    }

    /** Runs statements and returns what they write, instead of adding it to the prompt. */
    private Prompt written(List<Statement> body, Scope scope) {
        List<Prompt.Piece> around = output;
        output = new ArrayList<>();
        try {
            block(body, scope);
            return new Prompt(output);
        } finally {
            output = around;
        }
    }

    /** Calls a macro and returns what it writes. */
    Prompt call(Value.Callable callable, Arguments arguments, int at) {
        return call(callable, arguments, Optional.empty(), at);
    }

    private Prompt call(Value.Callable callable, Arguments arguments, Optional<Value> caller, int at) {
        if (++calls > MOST_CALLS) throw source.fault(at, "macros call each other, nested deeper than " + MOST_CALLS);
        Statement.Macro macro = callable.macro();
        Scope inside = callable.scope().inner();
        int required = macro.parameters().size() - macro.defaults().size();
        for (int i = 0; i < macro.parameters().size(); i++) {
            String name = macro.parameters().get(i);
            Optional<Value> given = arguments.get(i, name);
            Value value = given.isPresent()
                    ? given.get()
                    : i < required ? new Value.Undefined(name) : value(macro.defaults().get(i - required), inside);
            inside.set(name, value);
        }
        if (!arguments.fit(macro.parameters().size(), macro.parameters().toArray(String[]::new))) {
            throw source.fault(at, "the macro `" + macro.name() + "` is given more than its "
                    + macro.parameters().size() + " arguments");
        }
        caller.ifPresent(body -> inside.set("caller", body));
        Prompt written = written(macro.body(), inside);
        calls--;
        return written;
    }

    /** The functions that every template has. */
    static Map<String, Value> builtins() {
        return Map.of("namespace", new Value.Builtin("namespace"), "dict", new Value.Builtin("dict"), "range",
                new Value.Builtin("range"), "raise_exception", new Value.Builtin("raise_exception"));
    }
}
