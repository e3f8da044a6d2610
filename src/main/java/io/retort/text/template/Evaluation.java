package io.retort.text.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.retort.files.BadInput;
import io.retort.text.Prompt;

/** Values of a chat template's expressions, given its variables. */
final class Evaluation {
    private static final int LONGEST_RANGE = 100_000;

    private final Source source;
    private final Fuel fuel;
    private final Writing writing;
    private final Rendering rendering;
    private final Scope scope;

    Evaluation(Source source, Fuel fuel, Writing writing, Rendering rendering, Scope scope) {
        this.source = source;
        this.fuel = fuel;
        this.writing = writing;
        this.rendering = rendering;
        this.scope = scope;
    }

    Value value(Expression expression) {
        fuel.burn(1, expression.at());
        return switch (expression) {
            case Expression.Literal literal -> literal.value();
            case Expression.Variable variable -> scope.get(variable.name());
            case Expression.ListOf list -> new Value.Sequence(values(list.elements()), list.tuple());
            case Expression.DictionaryOf dictionary -> dictionary(dictionary);
            case Expression.Not not -> Value.Bool.of(!value(not.operand()).truthy());
            case Expression.Negative negative ->
                binary("-", new Value.Int(0), value(negative.operand()), negative.at());
            case Expression.Choice choice -> choice(choice);
            case Expression.Binary binary -> binary(binary);
            case Expression.Member member -> member(value(member.object()), value(member.key()), member.at());
            case Expression.Slice slice -> slice(slice);
            case Expression.Call call -> call(call.callee(), arguments(call.arguments()), call.at());
            case Expression.Test test -> Value.Bool.of(new Tests(source, this).holds(value(test.operand()), test.name(),
                    arguments(test.arguments()), test.at()) != test.negated());
            case Expression.Filter filter -> filters().filtered(value(filter.object()), filter.name(),
                    arguments(filter.arguments()), filter.at());
            case Expression.Method method -> method(value(method.object()), method.name(),
                    arguments(method.arguments()), method.at());
        };
    }

    private Filters filters() {
        return new Filters(source, fuel, writing, this);
    }

    Arguments arguments(Expression.Arguments arguments) {
        Map<String, Value> named = new LinkedHashMap<>();
        arguments.named().forEach((name, value) -> named.put(name, value(value)));
        return new Arguments(values(arguments.positional()), named);
    }

    private List<Value> values(List<Expression> expressions) {
        return expressions.stream().map(this::value).toList();
    }

    private Value dictionary(Expression.DictionaryOf dictionary) {
        Map<String, Value> members = new LinkedHashMap<>();
        for (int i = 0; i < dictionary.keys().size(); i++) {
            members.put(key(value(dictionary.keys().get(i)), dictionary.at()), value(dictionary.values().get(i)));
        }
        return new Value.Mapping(members, false);
    }

    /**
     * A dictionary's key as a name. It must be trusted, since names come out of a dictionary as the template's own
     * text.
     */
    private String key(Value key, int at) {
        if (key instanceof Value.Text text && text.trusted()) return text.plain();
        throw source.unsupported(at, "a dictionary with " + (key instanceof Value.Text ? "what is said" : key.type())
                + " as a key");
    }

    private Value choice(Expression.Choice choice) {
        if (value(choice.condition()).truthy()) return value(choice.then());
        return choice.otherwise().map(this::value).orElseGet(() -> new Value.Undefined("else"));
    }

    private Value binary(Expression.Binary binary) {
        Value left = value(binary.left());
        String operator = binary.operator();
        if (operator.equals("and")) return left.truthy() ? value(binary.right()) : left;
        if (operator.equals("or")) return left.truthy() ? left : value(binary.right());
        return binary(operator, left, value(binary.right()), binary.at());
    }

    /**
     * Applies an operator of two operands; {@code and} and {@code or}, which do not always look at their right side,
     * are not among them.
     */
    Value binary(String operator, Value left, Value right, int at) {
        return switch (operator) {
            case "==" -> Value.Bool.of(same(left, right, at));
            case "!=" -> Value.Bool.of(!same(left, right, at));
            case "in" -> Value.Bool.of(contains(right, left, at));
            case "~" -> joined(writing.text(left, at), writing.text(right, at), at);
            case "<", "<=", ">", ">=" -> Value.Bool.of(ordered(operator, left, right, at));
            case "+" -> sum(left, right, at);
            case "*" -> product(left, right, at);
            default -> new Arithmetic(source, at).of(operator, left, right);
        };
    }

    boolean same(Value left, Value right, int at) {
        if (left instanceof Value.Text text) fuel.burn(text.prompt().length(), at);
        if (left instanceof Value.Sequence list) fuel.burn(list.elements().size(), at);
        return Comparison.same(left, right);
    }

    private boolean ordered(String operator, Value left, Value right, int at) {
        int order = Comparison.order(left, right).orElseThrow(() -> source.fault(at,
                "a number expected instead of " + (Comparison.isNumber(left) ? right : left).type()));
        return switch (operator) {
            case "<" -> order < 0;
            case "<=" -> order <= 0;
            case ">" -> order > 0;
            default -> order >= 0;
        };
    }

    private Value sum(Value left, Value right, int at) {
        if (left instanceof Value.Text one && right instanceof Value.Text other) {
            return joined(one.prompt(), other.prompt(), at);
        }
        if (left instanceof Value.Sequence one && right instanceof Value.Sequence other
                && one.tuple() == other.tuple()) {
            fuel.burn((long) one.elements().size() + other.elements().size(), at);
            List<Value> both = new ArrayList<>(one.elements());
            both.addAll(other.elements());
            return new Value.Sequence(both, one.tuple());
        }
        boolean numbers = Comparison.isNumber(left) && Comparison.isNumber(right);
        if (!numbers) throw source.fault(at, "`+` of " + left.type() + " and " + right.type());
        return new Arithmetic(source, at).of("+", left, right);
    }

    private Value joined(Prompt left, Prompt right, int at) {
        fuel.burn((long) left.length() + right.length(), at);
        return new Value.Text(left.then(right));
    }

    /** A product of two numbers, or a text or list repeated so many times. */
    private Value product(Value left, Value right, int at) {
        if (right instanceof Value.Text || right instanceof Value.Sequence) return product(right, left, at);
        boolean repeated = left instanceof Value.Text || left instanceof Value.Sequence;
        if (!repeated) return new Arithmetic(source, at).of("*", left, right);
        if (!Comparison.isNumber(right) || right instanceof Value.Real) {
            throw source.fault(at, "`*` of " + left.type() + " and " + right.type());
        }
        long times = Math.max(0, Comparison.integer(right));
        long size = left instanceof Value.Text text
                ? text.prompt().length()
                : ((Value.Sequence) left).elements().size();
        fuel.burn(times > Integer.MAX_VALUE ? Long.MAX_VALUE : Math.multiplyExact(times, size + 1), at);
        List<Prompt.Piece> pieces = new ArrayList<>();
        List<Value> elements = new ArrayList<>();
        for (long i = 0; i < times; i++) {
            if (left instanceof Value.Text text) pieces.addAll(text.prompt().pieces());
            else elements.addAll(((Value.Sequence) left).elements());
        }
        return left instanceof Value.Sequence list
                ? new Value.Sequence(elements, list.tuple())
                : new Value.Text(new Prompt(pieces));
    }

    private boolean contains(Value whole, Value part, int at) {
        return switch (whole) {
            case Value.Sequence list -> {
                fuel.burn(list.elements().size(), at);
                yield list.elements().stream().anyMatch(element -> same(element, part, at));
            }
            case Value.Mapping mapping -> part instanceof Value.Text key && mapping.members().containsKey(key.plain());
            case Value.Text text when part instanceof Value.Text within -> {
                fuel.burn(text.prompt().length(), at);
                yield text.plain().contains(within.plain());
            }
            case Value.Undefined undefined -> false;
            default -> throw source.unsupported(at, "`in` for " + whole.type());
        };
    }

    Value member(Value object, Value key, int at) {
        return switch (object) {
            case Value.Sequence list when key instanceof Value.Int index -> element(list.elements(), index);
            case Value.Text text when key instanceof Value.Int index -> {
                fuel.burn(text.prompt().length(), at);
                yield element(TextMethods.letters(text), index);
            }
            case Value.Mapping mapping when key instanceof Value.Text name -> {
                Value member = mapping.members().get(name.plain());
                yield member == null ? new Value.Undefined(name.plain()) : member;
            }
            case Value.Loop loop when key instanceof Value.Text name -> loopMember(loop, name.plain(), at);
            case Value.Undefined undefined -> throw source.fault(at, "a member of " + undefined.type());
            default -> new Value.Undefined(key instanceof Value.Text name ? name.plain() : key.type());
        };
    }

    private static Value element(List<Value> elements, Value.Int index) {
        long place = index.value() < 0 ? index.value() + elements.size() : index.value();
        return place < 0 || place >= elements.size()
                ? new Value.Undefined("[" + index.value() + "]")
                : elements.get((int) place);
    }

    private Value loopMember(Value.Loop loop, String name, int at) {
        int length = loop.elements().size(), place = loop.index0();
        return switch (name) {
            case "index0" -> new Value.Int(place);
            case "index" -> new Value.Int(place + 1L);
            case "revindex" -> new Value.Int(length - place);
            case "revindex0" -> new Value.Int(length - place - 1L);
            case "length" -> new Value.Int(length);
            case "first" -> Value.Bool.of(place == 0);
            case "last" -> Value.Bool.of(place == length - 1);
            case "previtem" -> place == 0 ? new Value.Undefined(name) : loop.elements().get(place - 1);
            case "nextitem" -> place == length - 1 ? new Value.Undefined(name) : loop.elements().get(place + 1);
            default -> throw source.unsupported(at, "`loop." + name + "`");
        };
    }

    private Value slice(Expression.Slice slice) {
        int at = slice.at();
        Value object = value(slice.object());
        List<Value> elements = switch (object) {
            case Value.Sequence list -> list.elements();
            case Value.Text text -> TextMethods.letters(text);
            case Value.Undefined undefined -> throw source.fault(at, "a slice of " + undefined.type());
            default -> throw source.unsupported(at, "a slice of " + object.type());
        };
        fuel.burn(elements.size(), at);
        long step = slice.step().map(bound -> integer(bound, 1)).orElse(1L);
        if (step == 0) throw source.fault(at, "a slice with steps of 0");
        int size = elements.size();
        long least = step < 0 ? -1 : 0, most = step < 0 ? size - 1 : size;
        long from = slice.from().map(bound -> bound(bound, size, least, most, step < 0 ? most : least))
                .orElse(step < 0 ? most : least);
        long to = slice.to().map(bound -> bound(bound, size, least, most, step < 0 ? least : most))
                .orElse(step < 0 ? least : most);
        List<Value> kept = new ArrayList<>();
        for (long i = from; step > 0 ? i < to : i > to; i += step) kept.add(elements.get((int) i));
        if (object instanceof Value.Sequence list) return new Value.Sequence(kept, list.tuple());
        List<Prompt.Piece> pieces = new ArrayList<>();
        kept.forEach(letter -> pieces.addAll(((Value.Text) letter).prompt().pieces()));
        return new Value.Text(new Prompt(pieces));
    }

    private long bound(Expression bound, int size, long least, long most, long absent) {
        Value value = value(bound);
        if (value == Value.None.NONE) return absent;
        long place = integer(value, bound.at());
        return Math.clamp(place < 0 ? place + size : place, least, most);
    }

    private long integer(Expression expression, long absent) {
        Value value = value(expression);
        return value == Value.None.NONE ? absent : integer(value, expression.at());
    }

    private long integer(Value value, int at) {
        if (value instanceof Value.Int || value instanceof Value.Bool) return Comparison.integer(value);
        throw source.fault(at, "a number expected instead of " + value.type());
    }

    private Value method(Value object, String name, Arguments arguments, int at) {
        if (object instanceof Value.Text text) fuel.burn(1 + 2L * text.prompt().length(), at);
        Value result = switch (object) {
            case Value.Text text -> TextMethods.call(text, name, arguments);
            case Value.Mapping mapping -> mappingMethod(mapping, name, arguments, at);
            case Value.Sequence list when arguments.fit(1) && arguments.count() == 1 -> listMethod(list, name,
                    arguments.positional().getFirst(), at);
            case Value.Loop loop when name.equals("cycle") && arguments.named().isEmpty() && arguments.count() > 0 ->
                arguments.positional().get(loop.index0() % arguments.count());
            case Value.Loop loop when name.equals("changed") && arguments.fit(Integer.MAX_VALUE) ->
                Value.Bool.of(loop.changes().to(new Value.Sequence(arguments.positional(), true)));
            case Value.Undefined undefined -> throw source.fault(at, "a method of " + undefined.type());
            default -> null;
        };
        if (result != null) return result;
        throw source.unsupported(at, "the method `" + name + "` with " + arguments.count() + " arguments on "
                + object.type());
    }

    private Value mappingMethod(Value.Mapping mapping, String name, Arguments arguments, int at) {
        Value member = mapping.members().get(name);
        if (member instanceof Value.Callable || member instanceof Value.Builtin)
            return call(member, name, arguments, at);
        fuel.burn(mapping.members().size(), at);
        boolean bare = arguments.count() == 0;
        return switch (name) {
            case "items" -> bare ? Filters.items(mapping) : null;
            case "keys" -> bare ? Filters.keys(mapping) : null;
            case "values" -> bare ? new Value.Sequence(List.copyOf(mapping.members().values())) : null;
            case "copy" -> bare ? new Value.Mapping(new LinkedHashMap<>(mapping.members()), false) : null;
            case "get" -> arguments.fit(2) && arguments.get(0, "").orElse(null) instanceof Value.Text key
                    ? mapping.members().getOrDefault(key.plain(), arguments.get(1, "").orElse(Value.None.NONE))
                    : null;
            default -> null;
        };
    }

    private Value listMethod(Value.Sequence list, String name, Value wanted, int at) {
        fuel.burn(list.elements().size(), at);
        List<Value> elements = list.elements();
        if (name.equals("count")) {
            return new Value.Int(elements.stream().filter(element -> same(element, wanted, at)).count());
        }
        for (int i = 0; name.equals("index") && i < elements.size(); i++) {
            if (same(elements.get(i), wanted, at)) return new Value.Int(i);
        }
        return null;
    }

    private Value call(Expression callee, Arguments arguments, int at) {
        String name = callee instanceof Expression.Variable variable ? variable.name() : "a value";
        return call(value(callee), name, arguments, at);
    }

    private Value call(Value callee, String name, Arguments arguments, int at) {
        return switch (callee) {
            case Value.Callable macro -> new Value.Text(rendering.call(macro, arguments, at));
            case Value.Builtin function -> builtin(function.name(), arguments, at);
            default -> throw source.unsupported(at, "this call of `" + name + "`");
        };
    }

    private Value builtin(String name, Arguments arguments, int at) {
        List<Value> given = arguments.positional();
        switch (name) {
            case "namespace", "dict" -> {
                if (given.size() > 1) break;
                Map<String, Value> members = new LinkedHashMap<>();
                if (given.size() == 1) {
                    if (!(given.getFirst() instanceof Value.Mapping mapping)) break;
                    members.putAll(mapping.members());
                }
                members.putAll(arguments.named());
                return new Value.Mapping(members, name.equals("namespace"));
            }
            case "range" -> {
                if (!arguments.fit(3) || given.isEmpty()) break;
                return range(given.stream().map(bound -> integer(bound, at)).toList(), at);
            }
            case "raise_exception" -> {
                if (arguments.count() != 1) break;
                Value message = arguments.get(0, "message").orElse(Value.None.NONE);
                throw BadInput.of("the chat template refuses these messages: " + writing.text(message, at).text(),
                        Source.REMEDY);
            }
            default -> {}
        }
        throw source.unsupported(at, "this call of `" + name + "`");
    }

    private Value range(List<Long> bounds, int at) {
        long from = bounds.size() == 1 ? 0 : bounds.getFirst(), to = bounds.get(bounds.size() == 1 ? 0 : 1);
        long step = bounds.size() == 3 ? bounds.get(2) : 1;
        if (step == 0) throw source.fault(at, "a range with steps of 0");
        List<Value> numbers = new ArrayList<>();
        for (long i = from; step > 0 ? i < to : i > to; i += step) {
            if (numbers.size() == LONGEST_RANGE) throw source.fault(at, "it does too much work for these messages");
            numbers.add(new Value.Int(i));
        }
        fuel.burn(numbers.size(), at);
        return new Value.Sequence(numbers);
    }
}
