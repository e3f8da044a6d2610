package io.retort.text.template;

import java.util.List;

/** The tests that chat templates may use behind {@code is}. */
final class Tests {
    private final Source source;
    private final Evaluation evaluation;

    Tests(Source source, Evaluation evaluation) {
        this.source = source;
        this.evaluation = evaluation;
    }

    boolean holds(Value value, String name, Arguments arguments, int at) {
        List<Value> given = arguments.positional();
        boolean fits = arguments.named().isEmpty();
        if (fits && given.isEmpty()) {
            Boolean plain = plain(value, name);
            if (plain != null) return plain;
        } else if (fits && given.size() == 1) {
            Value other = given.getFirst();
            String operator = switch (name) {
                case "eq", "equalto" -> "==";
                case "ne" -> "!=";
                case "lt", "lessthan" -> "<";
                case "le" -> "<=";
                case "gt", "greaterthan" -> ">";
                case "ge" -> ">=";
                default -> name;
            };
            if (operator.equals("divisibleby"))
                return evaluation.binary("%", value, other, at) instanceof Value.Int rest
                        && rest.value() == 0;
            if (operator.equals("sameas")) return value.getClass() == other.getClass() && Comparison.same(value, other);
            boolean known = List.of("==", "!=", "<", "<=", ">", ">=", "in").contains(operator);
            if (known) return evaluation.binary(operator, value, other, at).truthy();
        }
        throw source.unsupported(at, "the test `" + name + "`"
                + (given.isEmpty() ? "" : " with " + arguments.count() + " arguments"));
    }

    /** The result of a test without arguments; null where there is no such test. */
    private static Boolean plain(Value value, String name) {
        return switch (name) {
            case "defined" -> !(value instanceof Value.Undefined);
            case "undefined" -> value instanceof Value.Undefined;
            case "none" -> value == Value.None.NONE;
            case "string" -> value instanceof Value.Text;
            case "mapping" -> value instanceof Value.Mapping mapping && !mapping.changeable();
            case "sequence" -> value instanceof Value.Text || value instanceof Value.Sequence
                    || value instanceof Value.Mapping mapping && !mapping.changeable();
            case "iterable" -> value instanceof Value.Text || value instanceof Value.Sequence
                    || value instanceof Value.Undefined
                    || value instanceof Value.Mapping mapping && !mapping.changeable();
            case "true" -> value == Value.Bool.TRUE;
            case "false" -> value == Value.Bool.FALSE;
            case "boolean" -> value instanceof Value.Bool;
            case "number" -> Comparison.isNumber(value);
            case "integer" -> value instanceof Value.Int;
            case "float" -> value instanceof Value.Real;
            case "callable" -> value instanceof Value.Callable || value instanceof Value.Builtin;
            case "odd" -> value instanceof Value.Int number ? number.value() % 2 != 0 : null;
            case "even" -> value instanceof Value.Int number ? number.value() % 2 == 0 : null;
            case "upper", "lower" -> value instanceof Value.Text text
                    ? TextMethods.call(text, "is" + name, Arguments.NONE).truthy()
                    : null;
            default -> null;
        };
    }
}
