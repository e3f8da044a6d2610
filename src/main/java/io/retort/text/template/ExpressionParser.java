package io.retort.text.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import io.retort.text.template.Token.Kind;

/** Reads the expressions of a chat template, from the loosest binding operator down to the tightest, as Jinja does. */
final class ExpressionParser {
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
    private static final Set<String> SUMS = Set.of("+", "-");
    private static final Set<String> PRODUCTS = Set.of("*", "/", "//", "%");

    private final TokenReader tokens;

    ExpressionParser(TokenReader tokens) {
        this.tokens = tokens;
    }

    Expression expression() {
        int at = tokens.at();
        Expression then = withoutChoice();
        while (tokens.takeName("if")) {
            Expression condition = withoutChoice();
            tokens.enter();
            Optional<Expression> otherwise = tokens.takeName("else") ? Optional.of(expression()) : Optional.empty();
            tokens.leave();
            then = new Expression.Choice(condition, then, otherwise, at);
        }
        return then;
    }

    /** Reads an expression, or several with commas between them, which make a tuple. */
    Expression tuple() {
        int at = tokens.at();
        Expression first = expression();
        if (!tokens.peek().isOperator(",")) return first;
        List<Expression> elements = new ArrayList<>(List.of(first));
        while (tokens.takeOperator(",") && tokens.peek().kind() != Kind.TAG_END) elements.add(expression());
        return new Expression.ListOf(elements, true, at);
    }

    /** Reads an expression that ends before an {@code if}, such as the sequence of a loop. */
    Expression withoutChoice() {
        tokens.enter();
        Expression left = conjunction();
        while (tokens.peek().isName("or")) {
            int at = tokens.next().at();
            left = new Expression.Binary("or", left, conjunction(), at);
        }
        tokens.leave();
        return left;
    }

    private Expression conjunction() {
        Expression left = negation();
        while (tokens.peek().isName("and")) {
            int at = tokens.next().at();
            left = new Expression.Binary("and", left, negation(), at);
        }
        return left;
    }

    private Expression negation() {
        if (!tokens.peek().isName("not")) return comparison();
        int at = tokens.next().at();
        tokens.enter();
        var not = new Expression.Not(negation(), at);
        tokens.leave();
        return not;
    }

    private Expression comparison() {
        Expression left = sum();
        Expression all = null;
        while (atComparison()) {
            Token operator = tokens.next();
            if (operator.isName("not")) tokens.next();
            String name = operator.kind() == Kind.NAME ? "in" : operator.text();
            Expression right = sum();
            Expression compared = new Expression.Binary(name, left, right, operator.at());
            if (operator.isName("not")) compared = new Expression.Not(compared, operator.at());
            all = all == null ? compared : new Expression.Binary("and", all, compared, operator.at());
            left = right;
        }
        return all == null ? left : all;
    }

    private boolean atComparison() {
        Token token = tokens.peek();
        return token.kind() == Kind.OPERATOR && COMPARISONS.contains(token.text()) || token.isName("in")
                || token.isName("not") && tokens.second().isName("in");
    }

    private Expression sum() {
        Expression left = concatenation();
        while (tokens.peek().kind() == Kind.OPERATOR && SUMS.contains(tokens.peek().text())) {
            Token operator = tokens.next();
            left = new Expression.Binary(operator.text(), left, concatenation(), operator.at());
        }
        return left;
    }

    private Expression concatenation() {
        Expression left = product();
        while (tokens.peek().isOperator("~")) {
            int at = tokens.next().at();
            left = new Expression.Binary("~", left, product(), at);
        }
        return left;
    }

    private Expression product() {
        Expression left = power();
        while (tokens.peek().kind() == Kind.OPERATOR && PRODUCTS.contains(tokens.peek().text())) {
            Token operator = tokens.next();
            left = new Expression.Binary(operator.text(), left, power(), operator.at());
        }
        return left;
    }

    private Expression power() {
        Expression left = withFilters(operand());
        while (tokens.peek().isOperator("**")) {
            int at = tokens.next().at();
            left = new Expression.Binary("**", left, withFilters(operand()), at);
        }
        return left;
    }

    private Expression operand() {
        tokens.enter();
        int at = tokens.at();
        Expression operand;
        if (tokens.takeOperator("-")) operand = new Expression.Negative(operand(), at);
        else if (tokens.takeOperator("+")) operand = operand();
        else operand = withMembers(primary());
        tokens.leave();
        return operand;
    }

    private Expression primary() {
        Token token = tokens.next();
        return switch (token.kind()) {
            case STRING -> new Expression.Literal(Value.trusted(strings(token)), token.at());
            case INTEGER -> new Expression.Literal(new Value.Int(integer(token)), token.at());
            case REAL -> new Expression.Literal(new Value.Real(Double.parseDouble(token.text())), token.at());
            case NAME -> name(token);
            case OPERATOR -> bracket(token);
            default -> throw tokens.source().fault(token.at(), "a value expected instead of " + token.quoted());
        };
    }

    /** Reads string literals side by side as one, as Python does. */
    private String strings(Token first) {
        var text = new StringBuilder(first.text());
        while (tokens.peek().kind() == Kind.STRING) text.append(tokens.next().text());
        return text.toString();
    }

    private long integer(Token token) {
        if (token.text().length() > 18) throw tokens.source().unsupported(token.at(), "an integer of this size");
        return Long.parseLong(token.text());
    }

    private Expression name(Token token) {
        return switch (token.text()) {
            case "true", "True" -> new Expression.Literal(Value.Bool.TRUE, token.at());
            case "false", "False" -> new Expression.Literal(Value.Bool.FALSE, token.at());
            case "none", "None" -> new Expression.Literal(Value.None.NONE, token.at());
            default -> new Expression.Variable(token.text(), token.at());
        };
    }

    Expression.Arguments arguments() {
        tokens.requireOperator("(");
        List<Expression> positional = new ArrayList<>();
        Map<String, Expression> named = new LinkedHashMap<>();
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
        return new Expression.Arguments(positional, named);
    }

    private Expression bracket(Token open) {
        if (open.isOperator("{")) return dictionary(open);
        String close = switch (open.text()) {
            case "(" -> ")";
            case "[" -> "]";
            default -> throw tokens.source().fault(open.at(), "a value expected instead of " + open.quoted());
        };
        List<Expression> elements = new ArrayList<>();
        boolean comma = false;
        while (!tokens.takeOperator(close)) {
            elements.add(expression());
            if (!tokens.peek().isOperator(close)) {
                tokens.requireOperator(",");
                comma = true;
            }
        }
        boolean single = close.equals(")") && elements.size() == 1 && !comma;
        return single ? elements.getFirst() : new Expression.ListOf(elements, close.equals(")"), open.at());
    }

    private Expression dictionary(Token open) {
        List<Expression> keys = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        while (!tokens.takeOperator("}")) {
            keys.add(expression());
            tokens.requireOperator(":");
            values.add(expression());
            if (!tokens.peek().isOperator("}")) tokens.requireOperator(",");
        }
        return new Expression.DictionaryOf(keys, values, open.at());
    }

    private Expression withMembers(Expression value) {
        Expression object = value;
        while (true) {
            int at = tokens.at();
            if (tokens.takeOperator(".")) {
                if (tokens.peek().kind() == Kind.INTEGER) {
                    object = new Expression.Member(object, primary(), at);
                    continue;
                }
                String name = tokens.require(Kind.NAME, "a name");
                object = tokens.peek().isOperator("(")
                        ? new Expression.Method(object, name, arguments(), at)
                        : new Expression.Member(object,
                                new Expression.Literal(Value.trusted(name), at), at);
            } else if (tokens.takeOperator("[")) {
                object = subscript(object, at);
            } else if (tokens.peek().isOperator("(")) {
                object = new Expression.Call(object, arguments(), object.at());
            } else {
                return object;
            }
        }
    }

    private Expression subscript(Expression object, int at) {
        Optional<Expression> from = tokens.peek().isOperator(":")
                ? Optional.empty()
                : Optional.of(expression());
        if (tokens.takeOperator("]")) return new Expression.Member(object, from.orElseThrow(), at);
        tokens.requireOperator(":");
        Optional<Expression> to = bound();
        Optional<Expression> step = tokens.takeOperator(":") ? bound() : Optional.empty();
        tokens.requireOperator("]");
        return new Expression.Slice(object, from, to, step, at);
    }

    private Optional<Expression> bound() {
        boolean none = tokens.peek().isOperator(":") || tokens.peek().isOperator("]");
        return none ? Optional.empty() : Optional.of(expression());
    }

    /** Reads the filters and tests that stand behind a value. */
    Expression withFilters(Expression value) {
        Expression operand = value;
        while (true) {
            int at = tokens.at();
            if (tokens.takeOperator("|")) {
                operand = filter(operand, at);
            } else if (tokens.takeName("is")) {
                boolean negated = tokens.takeName("not");
                String name = tokens.require(Kind.NAME, "a test");
                operand = new Expression.Test(operand, name, testArguments(), negated, at);
            } else {
                return operand;
            }
        }
    }

    /** Reads a filter, of which the name is the next word, with its arguments. */
    Expression filter(Expression operand, int at) {
        String name = tokens.require(Kind.NAME, "a filter");
        boolean called = tokens.peek().isOperator("(");
        return new Expression.Filter(operand, name, called ? arguments() : Expression.Arguments.NONE, at);
    }

    /** Reads a test's arguments; a single one may stand without brackets. */
    private Expression.Arguments testArguments() {
        Token next = tokens.peek();
        if (next.isOperator("(")) return arguments();
        boolean bare = switch (next.kind()) {
            case STRING, INTEGER, REAL -> true;
            case NAME -> !Set.of("else", "or", "and", "if", "is", "in", "not").contains(next.text());
            case OPERATOR -> next.isOperator("[") || next.isOperator("{");
            default -> false;
        };
        if (!bare) return Expression.Arguments.NONE;
        return new Expression.Arguments(List.of(withMembers(primary())), Map.of());
    }
}
