package io.retort.text.template;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** Equality and order of values, as in Python: true is 1, and numbers are compared whatever their kind. */
final class Comparison {
    private Comparison() {}

    /** Whether {@code ==} holds. */
    static boolean same(Value one, Value other) {
        if (isNumber(one) && isNumber(other)) return order(one, other).orElseThrow() == 0;
        return switch (one) {
            case Value.Text text -> other instanceof Value.Text that && text.plain().equals(that.plain());
            case Value.Sequence list -> other instanceof Value.Sequence that && list.tuple() == that.tuple()
                    && sameElements(list.elements(), that.elements());
            case Value.Mapping mapping ->
                other instanceof Value.Mapping that && mapping.changeable() == that.changeable()
                        && sameMembers(mapping.members(), that.members());
            case Value.Undefined undefined -> other instanceof Value.Undefined;
            default -> one.equals(other);
        };
    }

    private static boolean sameElements(List<Value> one, List<Value> other) {
        if (one.size() != other.size()) return false;
        for (int i = 0; i < one.size(); i++) {
            if (!same(one.get(i), other.get(i))) return false;
        }
        return true;
    }

    private static boolean sameMembers(Map<String, Value> one, Map<String, Value> other) {
        return one.keySet().equals(other.keySet())
                && one.entrySet().stream().allMatch(entry -> same(entry.getValue(), other.get(entry.getKey())));
    }

    /**
     * Compares two values: negative, zero or positive as the one is less than, equal to or greater than the other;
     * empty if they have no order.
     */
    static OptionalInt order(Value one, Value other) {
        if (isNumber(one) && isNumber(other)) {
            boolean real = one instanceof Value.Real || other instanceof Value.Real;
            return OptionalInt.of(real
                    ? Double.compare(real(one) + 0.0, real(other) + 0.0)
                    : Long.compare(integer(one), integer(other)));
        }
        if (one instanceof Value.Text text && other instanceof Value.Text that) {
            return OptionalInt.of(byCodePoints(text.plain(), that.plain()));
        }
        return OptionalInt.empty();
    }

    private static int byCodePoints(String one, String other) {
        int[] first = one.codePoints().toArray(), second = other.codePoints().toArray();
        return java.util.Arrays.compare(first, second);
    }

    static boolean isNumber(Value value) {
        return value instanceof Value.Int || value instanceof Value.Real || value instanceof Value.Bool;
    }

    /** The value of a whole number, or of a truth value, which counts as 1 or 0. */
    static long integer(Value number) {
        return number instanceof Value.Int whole ? whole.value() : number.truthy() ? 1 : 0;
    }

    /** The value of any number as a double. */
    static double real(Value number) {
        return number instanceof Value.Real real ? real.value() : integer(number);
    }
}
