package io.retort.text;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.retort.files.BadInput;

/** Values of a chat template's expressions, given its variables. */
final class TemplateEvaluation {
    private final TemplateSource source;
    private final TemplateScope scope;
    private final TemplateFuel fuel;
    private final TemplateMethods methods;

    TemplateEvaluation(TemplateSource source, TemplateScope scope, TemplateFuel fuel) {
        this.source = source;
        this.scope = scope;
        this.fuel = fuel;
        methods = new TemplateMethods(source);
    }

    TemplateValue value(TemplateExpression expression) {
        fuel.burn(1, expression.at());
        return switch (expression) {
            case TemplateExpression.Literal literal -> literal.value();
            case TemplateExpression.Variable variable -> scope.get(variable.name());
            case TemplateExpression.ListOf list -> new TemplateValue.Sequence(values(list.elements()));
            case TemplateExpression.Not not -> TemplateValue.Bool.of(!value(not.operand()).truthy());
            case TemplateExpression.Negative negative ->
                new TemplateValue.Int(Math.negateExact(integer(value(negative.operand()), negative.at())));
            case TemplateExpression.Choice choice -> choice(choice);
            case TemplateExpression.Binary binary -> binary(binary);
            case TemplateExpression.Member member -> member(value(member.object()), value(member.key()), member.at());
            case TemplateExpression.Slice slice -> slice(slice);
            case TemplateExpression.Call call -> call(call);
            case TemplateExpression.Test test -> TemplateValue.Bool
                    .of(methods.test(value(test.operand()), test.name(), test.at()) != test.negated());
            case TemplateExpression.Method method -> method(method);
        };
    }

    private TemplateValue method(TemplateExpression.Method method) {
        TemplateValue object = value(method.object());
        if (!method.arguments().named().isEmpty()) {
            throw source.unsupported(method.at(), "a named argument of `" + method.name() + "`");
        }
        if (object instanceof TemplateValue.Text text) fuel.burn(text.prompt().length(), method.at());
        return methods.call(object, method.name(), values(method.arguments().positional()), method.filter(),
                method.at());
    }

    private List<TemplateValue> values(List<TemplateExpression> expressions) {
        return expressions.stream().map(this::value).toList();
    }

    private TemplateValue choice(TemplateExpression.Choice choice) {
        if (value(choice.condition()).truthy()) return value(choice.then());
        return choice.otherwise().map(this::value).orElseGet(() -> new TemplateValue.Undefined("else"));
    }

    private TemplateValue binary(TemplateExpression.Binary binary) {
        TemplateValue left = value(binary.left());
        String operator = binary.operator();
        if (operator.equals("and")) return left.truthy() ? value(binary.right()) : left;
        if (operator.equals("or")) return left.truthy() ? left : value(binary.right());
        TemplateValue right = value(binary.right());
        int at = binary.at();
        return switch (operator) {
            case "==" -> TemplateValue.Bool.of(same(left, right, at));
            case "!=" -> TemplateValue.Bool.of(!same(left, right, at));
            case "in" -> TemplateValue.Bool.of(contains(right, left, at));
            case "~" -> joined(text(left, at), text(right, at), at);
            case "+" -> sum(left, right, at);
            default -> arithmetic(operator, integer(left, at), integer(right, at), at);
        };
    }

    private boolean same(TemplateValue left, TemplateValue right, int at) {
        if (left instanceof TemplateValue.Text text) fuel.burn(text.prompt().length(), at);
        return TemplateValue.same(left, right);
    }

    private TemplateValue sum(TemplateValue left, TemplateValue right, int at) {
        if (left instanceof TemplateValue.Text one && right instanceof TemplateValue.Text other) {
            return joined(one.prompt(), other.prompt(), at);
        }
        if (left instanceof TemplateValue.Text || right instanceof TemplateValue.Text) {
            throw source.fault(at, "`+` of " + left.type() + " and " + right.type());
        }
        return arithmetic("+", integer(left, at), integer(right, at), at);
    }

    private TemplateValue joined(Prompt left, Prompt right, int at) {
        fuel.burn((long) left.length() + right.length(), at);
        return new TemplateValue.Text(left.then(right));
    }

    private TemplateValue arithmetic(String operator, long left, long right, int at) {
        boolean division = operator.equals("//") || operator.equals("%");
        if (division && right == 0) throw source.fault(at, "a division by zero");
        try {
            return switch (operator) {
                case "+" -> new TemplateValue.Int(Math.addExact(left, right));
                case "-" -> new TemplateValue.Int(Math.subtractExact(left, right));
                case "*" -> new TemplateValue.Int(Math.multiplyExact(left, right));
                case "//" -> new TemplateValue.Int(Math.floorDiv(left, right));
                case "%" -> new TemplateValue.Int(Math.floorMod(left, right));
                case "<" -> TemplateValue.Bool.of(left < right);
                case "<=" -> TemplateValue.Bool.of(left <= right);
                case ">" -> TemplateValue.Bool.of(left > right);
                case ">=" -> TemplateValue.Bool.of(left >= right);
                default -> throw new AssertionError(operator);
            };
        } catch (ArithmeticException e) {
            throw source.unsupported(at, "an integer of this size");
        }
    }

    private boolean contains(TemplateValue whole, TemplateValue part, int at) {
        return switch (whole) {
            case TemplateValue.Sequence list -> {
                fuel.burn(list.elements().size(), at);
                yield list.elements().stream().anyMatch(element -> same(element, part, at));
            }
            case TemplateValue.Mapping mapping -> part instanceof TemplateValue.Text key
                    && mapping.members().containsKey(key.plain());
            case TemplateValue.Text text when part instanceof TemplateValue.Text within -> {
                fuel.burn(text.prompt().length(), at);
                yield text.plain().contains(within.plain());
            }
            default -> throw source.unsupported(at, "`in` for " + whole.type());
        };
    }

    private TemplateValue member(TemplateValue object, TemplateValue key, int at) {
        return switch (object) {
            case TemplateValue.Sequence list when key instanceof TemplateValue.Int index -> {
                long place = index.value() < 0 ? index.value() + list.elements().size() : index.value();
                yield place < 0 || place >= list.elements().size()
                        ? new TemplateValue.Undefined("[" + index.value() + "]")
                        : list.elements().get((int) place);
            }
            case TemplateValue.Mapping mapping when key instanceof TemplateValue.Text name -> {
                TemplateValue member = mapping.members().get(name.plain());
                yield member == null ? new TemplateValue.Undefined(name.plain()) : member;
            }
            case TemplateValue.Loop loop when key instanceof TemplateValue.Text name ->
                loopMember(loop, name.plain(), at);
            case TemplateValue.Undefined undefined -> throw source.fault(at, "a member of " + undefined.type());
            default -> throw source.unsupported(at, "this member of " + object.type());
        };
    }

    private TemplateValue loopMember(TemplateValue.Loop loop, String name, int at) {
        return switch (name) {
            case "index0" -> new TemplateValue.Int(loop.index0());
            case "index" -> new TemplateValue.Int(loop.index0() + 1L);
            case "length" -> new TemplateValue.Int(loop.length());
            case "first" -> TemplateValue.Bool.of(loop.index0() == 0);
            case "last" -> TemplateValue.Bool.of(loop.index0() == loop.length() - 1);
            default -> throw source.unsupported(at, "`loop." + name + "`");
        };
    }

    private TemplateValue slice(TemplateExpression.Slice slice) {
        int at = slice.at();
        TemplateValue object = value(slice.object());
        if (!(object instanceof TemplateValue.Sequence list)) {
            throw source.unsupported(at, "a slice of " + object.type());
        }
        int size = list.elements().size();
        fuel.burn(size, at);
        if (slice.reversed()) return new TemplateValue.Sequence(list.elements().reversed());
        int from = slice.from().map(bound -> bound(integer(value(bound), at), size)).orElse(0);
        int to = slice.to().map(bound -> bound(integer(value(bound), at), size)).orElse(size);
        return new TemplateValue.Sequence(list.elements().subList(from, Math.max(from, to)));
    }

    private static int bound(long index, int size) {
        return Math.clamp(index < 0 ? index + size : index, 0, size);
    }

    private TemplateValue call(TemplateExpression.Call call) {
        List<TemplateValue> arguments = values(call.arguments().positional());
        boolean namespace = call.function().equals("namespace") && arguments.isEmpty();
        if (namespace) {
            Map<String, TemplateValue> members = new LinkedHashMap<>();
            call.arguments().named().forEach((name, member) -> members.put(name, value(member)));
            return new TemplateValue.Mapping(members, true);
        }
        if (call.function().equals("raise_exception") && arguments.size() == 1 && call.arguments().named().isEmpty()) {
            throw BadInput.of("the chat template refuses these messages: "
                    + text(arguments.getFirst(), call.at()).text(), TemplateSource.REMEDY);
        }
        throw source.unsupported(call.at(), "this call of `" + call.function() + "`");
    }

    /** A value as it is written out. */
    Prompt text(TemplateValue value, int at) {
        return switch (value) {
            case TemplateValue.Text text -> text.prompt();
            case TemplateValue.Int number -> Prompt.trusted(Long.toString(number.value()));
            case TemplateValue.Bool truth -> Prompt.trusted(truth.truthy() ? "True" : "False");
            case TemplateValue.None none -> Prompt.trusted("None");
            case TemplateValue.Undefined undefined -> Prompt.empty();
            default -> throw source.unsupported(at, "writing out " + value.type());
        };
    }

    private long integer(TemplateValue value, int at) {
        if (value instanceof TemplateValue.Int number) return number.value();
        throw source.fault(at, "a number expected instead of " + value.type());
    }
}
