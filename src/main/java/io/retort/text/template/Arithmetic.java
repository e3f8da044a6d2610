package io.retort.text.template;

/** Numbers as Python reckons with them: whole ones exactly, {@code /} always with a real result, signs of rests. */
record Arithmetic(Source source, int at) {
    Value of(String operator, Value left, Value right) {
        for (Value value : new Value[]{left, right}) {
            if (!Comparison.isNumber(value)) throw source.fault(at, "a number expected instead of " + value.type());
        }
        boolean division = operator.equals("//") || operator.equals("%") || operator.equals("/");
        if (division && Comparison.real(right) == 0) throw source.fault(at, "a division by zero");
        boolean real = left instanceof Value.Real || right instanceof Value.Real || operator.equals("/")
                || operator.equals("**") && Comparison.real(right) < 0;
        return real
                ? new Value.Real(real(operator, Comparison.real(left), Comparison.real(right)))
                : new Value.Int(whole(operator, Comparison.integer(left), Comparison.integer(right)));
    }

    private double real(String operator, double left, double right) {
        return switch (operator) {
            case "+" -> left + right;
            case "-" -> left - right;
            case "*" -> left * right;
            case "/" -> left / right;
            case "//" -> Math.floor(left / right);
            case "%" -> left - Math.floor(left / right) * right;
            case "**" -> Math.pow(left, right);
            default -> throw new AssertionError(operator);
        };
    }

    private long whole(String operator, long left, long right) {
        try {
            return switch (operator) {
                case "+" -> Math.addExact(left, right);
                case "-" -> Math.subtractExact(left, right);
                case "*" -> Math.multiplyExact(left, right);
                case "//" -> Math.floorDivExact(left, right);
                case "%" -> Math.floorMod(left, right);
                case "**" -> power(left, right);
                default -> throw new AssertionError(operator);
            };
        } catch (ArithmeticException e) {
            throw source.unsupported(at, "an integer of this size");
        }
    }

    private static long power(long base, long exponent) {
        if (exponent > 64 && (base < -1 || base > 1)) throw new ArithmeticException();
        long power = 1;
        for (long i = 0; i < (exponent > 64 ? exponent % 2 : exponent); i++) power = Math.multiplyExact(power, base);
        return power == 1 && base == 0 && exponent > 0 ? 0 : power;
    }
}
