package io.retort.text;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import io.retort.text.TemplateToken.Kind;

/** Reads the expressions of a chat template, from the loosest binding operator down to the tightest, as Jinja does. */
final class TemplateExpressionParser {
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
    private static final Set<String> SUMS = Set.of("+", "-");
    private static final Set<String> PRODUCTS = Set.of("*", "//", "%");

    private final TemplateTokens tokens;

    TemplateExpressionParser(TemplateTokens tokens) {
        this.tokens = tokens;
    }

    TemplateExpression expression() {
        int at = tokens.at();
        TemplateExpression then = withoutChoice();
        if (!tokens.takeName("if")) return then;
        TemplateExpression condition = withoutChoice();
        Optional<TemplateExpression> otherwise = tokens.takeName("else")
                ? Optional.of(expression())
                : Optional.empty();
        return new TemplateExpression.Choice(condition, then, otherwise, at);
    }

    /** An expression that ends before an {@code if} of its own. */
    TemplateExpression withoutChoice() {
        tokens.enter();
        TemplateExpression left = conjunction();
        while (tokens.peek().isName("or")) {
            int at = tokens.next().at();
            left = new TemplateExpression.Binary("or", left, conjunction(), at);
        }
        tokens.leave();
        return left;
    }

    private TemplateExpression conjunction() {
        TemplateExpression left = negation();
        while (tokens.peek().isName("and")) {
            int at = tokens.next().at();
            left = new TemplateExpression.Binary("and", left, negation(), at);
        }
        return left;
    }

    private TemplateExpression negation() {
        if (!tokens.peek().isName("not")) return comparison();
        int at = tokens.next().at();
        tokens.enter();
        var not = new TemplateExpression.Not(negation(), at);
        tokens.leave();
        return not;
    }

    private TemplateExpression comparison() {
        TemplateExpression left = sum();
        if (!atComparison()) return left;
        TemplateToken operator = tokens.next();
        if (operator.isName("not")) tokens.next();
        String name = operator.kind() == Kind.NAME ? "in" : operator.text();
        TemplateExpression compared = new TemplateExpression.Binary(name, left, sum(), operator.at());
        if (atComparison()) throw tokens.source().unsupported(tokens.at(), "a chain of comparisons");
        return operator.isName("not") ? new TemplateExpression.Not(compared, operator.at()) : compared;
    }

    private boolean atComparison() {
        TemplateToken token = tokens.peek();
        return token.kind() == Kind.OPERATOR && COMPARISONS.contains(token.text()) || token.isName("in")
                || token.isName("not") && tokens.second().isName("in");
    }

    private TemplateExpression sum() {
        TemplateExpression left = concatenation();
        while (tokens.peek().kind() == Kind.OPERATOR && SUMS.contains(tokens.peek().text())) {
            TemplateToken operator = tokens.next();
            left = new TemplateExpression.Binary(operator.text(), left, concatenation(), operator.at());
        }
        return left;
    }

    private TemplateExpression concatenation() {
        TemplateExpression left = product();
        while (tokens.peek().isOperator("~")) {
            int at = tokens.next().at();
            left = new TemplateExpression.Binary("~", left, product(), at);
        }
        return left;
    }

    private TemplateExpression product() {
        TemplateExpression left = operand();
        while (tokens.peek().kind() == Kind.OPERATOR && PRODUCTS.contains(tokens.peek().text())) {
            TemplateToken operator = tokens.next();
            left = new TemplateExpression.Binary(operator.text(), left, operand(), operator.at());
        }
        return left;
    }

    private TemplateExpression operand() {
        tokens.enter();
        int at = tokens.at();
        TemplateExpression operand = tokens.takeOperator("-")
                ? new TemplateExpression.Negative(withMembers(primary()), at)
                : withMembers(primary());
        tokens.leave();
        return withFilters(operand);
    }

    private TemplateExpression primary() {
        TemplateToken token = tokens.next();
        return switch (token.kind()) {
            case STRING -> new TemplateExpression.Literal(TemplateValue.trusted(strings(token)), token.at());
            case INTEGER -> new TemplateExpression.Literal(new TemplateValue.Int(integer(token)), token.at());
            case NAME -> name(token);
            case OPERATOR -> bracket(token);
            default -> throw tokens.source().fault(token.at(), "a value expected instead of " + token.quoted());
        };
    }

    /** Literals side by side are one, as in Python. */
    private String strings(TemplateToken first) {
        var text = new StringBuilder(first.text());
        while (tokens.peek().kind() == Kind.STRING) text.append(tokens.next().text());
        return text.toString();
    }

    private long integer(TemplateToken token) {
        if (token.text().length() > 9) throw tokens.source().unsupported(token.at(), "an integer of this size");
        return Long.parseLong(token.text());
    }

    private TemplateExpression name(TemplateToken token) {
        return switch (token.text()) {
            case "true", "True" -> new TemplateExpression.Literal(TemplateValue.Bool.TRUE, token.at());
            case "false", "False" -> new TemplateExpression.Literal(TemplateValue.Bool.FALSE, token.at());
            case "none", "None" -> new TemplateExpression.Literal(TemplateValue.None.NONE, token.at());
            default -> tokens.peek().isOperator("(")
                    ? new TemplateExpression.Call(token.text(), arguments(), token.at())
                    : new TemplateExpression.Variable(token.text(), token.at());
        };
    }

    private TemplateExpression.Arguments arguments() {
        tokens.requireOperator("(");
        List<TemplateExpression> positional = new ArrayList<>();
        Map<String, TemplateExpression> named = new LinkedHashMap<>();
        while (!tokens.takeOperator(")")) {
            if (tokens.peek().kind() == Kind.NAME && tokens.second().isOperator("=")) {
                String name = tokens.next().text();
                tokens.next();
                named.put(name, expression());
            } else {
                positional.add(expression());
            }
            if (!tokens.peek().isOperator(")")) tokens.requireOperator(",");
        }
        return new TemplateExpression.Arguments(positional, named);
    }

    private TemplateExpression bracket(TemplateToken open) {
        if (open.isOperator("{")) throw tokens.source().unsupported(open.at(), "a dictionary");
        String close = switch (open.text()) {
            case "(" -> ")";
            case "[" -> "]";
            default -> throw tokens.source().fault(open.at(), "a value expected instead of " + open.quoted());
        };
        List<TemplateExpression> elements = new ArrayList<>();
        boolean comma = false;
        while (!tokens.takeOperator(close)) {
            elements.add(expression());
            if (!tokens.peek().isOperator(close)) {
                tokens.requireOperator(",");
                comma = true;
            }
        }
        boolean single = close.equals(")") && elements.size() == 1 && !comma;
        return single ? elements.getFirst() : new TemplateExpression.ListOf(elements, open.at());
    }

    private TemplateExpression withMembers(TemplateExpression value) {
        TemplateExpression object = value;
        while (true) {
            int at = tokens.at();
            if (tokens.takeOperator(".")) {
                String name = tokens.require(Kind.NAME, "a name");
                object = tokens.peek().isOperator("(")
                        ? new TemplateExpression.Method(object, name, arguments(), false, at)
                        : new TemplateExpression.Member(object,
                                new TemplateExpression.Literal(TemplateValue.trusted(name), at), at);
            } else if (tokens.takeOperator("[")) {
                object = subscript(object, at);
            } else if (tokens.peek().isOperator("(")) {
                throw tokens.source().unsupported(at, "a call of a value");
            } else {
                return object;
            }
        }
    }

    private TemplateExpression subscript(TemplateExpression object, int at) {
        Optional<TemplateExpression> from = tokens.peek().isOperator(":")
                ? Optional.empty()
                : Optional.of(expression());
        if (tokens.takeOperator("]")) return new TemplateExpression.Member(object, from.orElseThrow(), at);
        tokens.requireOperator(":");
        Optional<TemplateExpression> to = tokens.peek().isOperator(":") || tokens.peek().isOperator("]")
                ? Optional.empty()
                : Optional.of(expression());
        boolean step = tokens.takeOperator(":") && !tokens.peek().isOperator("]");
        if (step) {
            boolean reversed = from.isEmpty() && to.isEmpty() && tokens.takeOperator("-")
                    && tokens.require(Kind.INTEGER, "1").equals("1");
            if (!reversed) throw tokens.source().unsupported(at, "a slice with a step");
        }
        tokens.requireOperator("]");
        return new TemplateExpression.Slice(object, from, to, step, at);
    }

    private TemplateExpression withFilters(TemplateExpression value) {
        TemplateExpression operand = value;
        while (true) {
            int at = tokens.at();
            if (tokens.takeOperator("|")) {
                String name = tokens.require(Kind.NAME, "a filter");
                TemplateExpression.Arguments arguments = tokens.peek().isOperator("(")
                        ? arguments()
                        : TemplateExpression.Arguments.NONE;
                operand = new TemplateExpression.Method(operand, name, arguments, true, at);
            } else if (tokens.takeName("is")) {
                boolean negated = tokens.takeName("not");
                operand = new TemplateExpression.Test(operand, tokens.require(Kind.NAME, "a test"), negated, at);
            } else {
                return operand;
            }
        }
    }
}
