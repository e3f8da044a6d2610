package io.retort.text.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import io.retort.text.template.Token.Kind;

/** Reads the statements of a chat template. */
final class StatementParser {
    private final TokenReader tokens;
    private final ExpressionParser expressions;
    /** How many loops are around the tag that is read. */
    private int loops;

    private StatementParser(TokenReader tokens) {
        this.tokens = tokens;
        expressions = new ExpressionParser(tokens);
    }

    static List<Statement> parse(Source source) {
        var parser = new StatementParser(new TokenReader(source));
        List<Statement> statements = parser.block(Set.of());
        if (parser.tokens.peek().kind() != Kind.END) throw parser.tokens.expected("the template's end");
        return statements;
    }

    /** Reads statements up to one of these tags, whose name is then the next word, or up to the template's end. */
    private List<Statement> block(Set<String> ends) {
        tokens.enter();
        List<Statement> statements = new ArrayList<>();
        while (true) {
            Token token = tokens.peek();
            switch (token.kind()) {
                case TEXT -> statements.add(new Statement.Literal(tokens.next().text()));
                case OUTPUT_BEGIN -> statements.add(output());
                case TAG_BEGIN -> {
                    tokens.next();
                    if (ends.contains(tokens.peek().text())) {
                        tokens.leave();
                        return statements;
                    }
                    statements.add(tag());
                }
                default -> {
                    if (!ends.isEmpty()) throw tokens.expected("`{% " + ends.iterator().next() + " %}`");
                    tokens.leave();
                    return statements;
                }
            }
        }
    }

    private Statement output() {
        tokens.next();
        Expression value = expressions.expression();
        tokens.require(Kind.OUTPUT_END, "`}}`");
        return new Statement.Output(value);
    }

    private Statement tag() {
        int at = tokens.at();
        String name = tokens.require(Kind.NAME, "the name of a tag");
        return switch (name) {
            case "for" -> loop();
            case "if" -> condition();
            case "set" -> assignment();
            case "macro" -> macro();
            case "call" -> call();
            case "filter" -> filter();
            case "with" -> with();
            case "generation" -> inner("endgeneration");
            case "block" -> {
                tokens.require(Kind.NAME, "the name of a block");
                tokens.takeName("scoped");
                yield inner("endblock");
            }
            case "break" -> inLoop(at, name, new Statement.Break());
            case "continue" -> inLoop(at, name, new Statement.Continue());
            case "include", "import", "from", "extends" -> {
                while (tokens.peek().kind() != Kind.TAG_END && tokens.peek().kind() != Kind.END) tokens.next();
                endTag();
                yield new Statement.Refused(name, at);
            }
            default -> throw tokens.source().unsupported(at, "`{% " + name + " %}`");
        };
    }

    private Statement inLoop(int at, String name, Statement jump) {
        if (loops == 0) throw tokens.source().fault(at, "`" + name + "` outside a loop");
        endTag();
        return jump;
    }

    private Statement loop() {
        List<String> variables = variables();
        if (!tokens.takeName("in")) throw tokens.expected("`in`");
        Expression sequence = expressions.withoutChoice();
        Optional<Expression> condition = tokens.takeName("if")
                ? Optional.of(expressions.expression())
                : Optional.empty();
        tokens.takeName("recursive");
        endTag();
        loops++;
        List<Statement> body = block(Set.of("endfor", "else"));
        loops--;
        List<Statement> otherwise = List.of();
        if (tokens.next().isName("else")) {
            endTag();
            otherwise = block(Set.of("endfor"));
            tokens.next();
        }
        endTag();
        return new Statement.For(variables, sequence, condition, body, otherwise);
    }

    /** Reads the name of one variable or of several, with brackets around them or without. */
    private List<String> variables() {
        boolean bracket = tokens.takeOperator("(");
        List<String> names = new ArrayList<>();
        do names.add(tokens.require(Kind.NAME, "a variable"));
        while (tokens.takeOperator(",") && tokens.peek().kind() == Kind.NAME);
        if (bracket) tokens.requireOperator(")");
        return names;
    }

    private Statement.Macro macro() {
        String name = tokens.require(Kind.NAME, "the name of a macro");
        Statement.Macro macro = signature(name);
        endTag();
        return withBody(macro, "endmacro");
    }

    /** Reads a macro's name and parameters, without its body. */
    private Statement.Macro signature(String name) {
        List<String> parameters = new ArrayList<>();
        List<Expression> defaults = new ArrayList<>();
        tokens.requireOperator("(");
        while (!tokens.takeOperator(")")) {
            parameters.add(tokens.require(Kind.NAME, "a parameter"));
            if (tokens.takeOperator("=")) defaults.add(expressions.expression());
            else if (!defaults.isEmpty()) throw tokens.expected("`=`");
            if (!tokens.peek().isOperator(")")) tokens.requireOperator(",");
        }
        return new Statement.Macro(name, parameters, defaults, List.of());
    }

    private Statement.Macro withBody(Statement.Macro macro, String end) {
        int around = loops;
        loops = 0;
        List<Statement> body = block(Set.of(end));
        loops = around;
        endOf();
        return new Statement.Macro(macro.name(), macro.parameters(), macro.defaults(), body);
    }

    private Statement call() {
        Statement.Macro caller = tokens.peek().isOperator("(")
                ? signature("caller")
                : new Statement.Macro("caller", List.of(), List.of(), List.of());
        int at = tokens.at();
        if (!(expressions.expression() instanceof Expression.Call call)) {
            throw tokens.source().fault(at, "a call expected");
        }
        endTag();
        return new Statement.CallBlock(withBody(caller, "endcall"), call);
    }

    private Statement filter() {
        int at = tokens.at();
        Expression filtered = expressions.filter(new Expression.Variable(Statement.FilterBlock.BODY, at), at);
        filtered = expressions.withFilters(filtered);
        endTag();
        List<Statement> body = block(Set.of("endfilter"));
        endOf();
        return new Statement.FilterBlock(filtered, body);
    }

    private Statement with() {
        List<String> names = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        while (tokens.peek().kind() != Kind.TAG_END) {
            names.add(tokens.require(Kind.NAME, "a variable"));
            tokens.requireOperator("=");
            values.add(expressions.expression());
            if (tokens.peek().kind() != Kind.TAG_END) tokens.requireOperator(",");
        }
        endTag();
        List<Statement> body = block(Set.of("endwith"));
        endOf();
        return new Statement.With(names, values, body);
    }

    private Statement inner(String end) {
        endTag();
        List<Statement> body = block(Set.of(end));
        tokens.next();
        if (tokens.peek().kind() == Kind.NAME) tokens.next();
        endTag();
        return new Statement.With(List.of(), List.of(), body);
    }

    /** Reads the tag that ends a block, of which the name is the next word. */
    private void endOf() {
        tokens.next();
        endTag();
    }

    private Statement condition() {
        Expression condition = expressions.expression();
        endTag();
        List<Statement> then = block(Set.of("endif", "elif", "else"));
        String end = tokens.next().text();
        if (end.equals("elif")) {
            tokens.enter();
            var otherwise = new Statement.If(condition, then, List.of(condition()));
            tokens.leave();
            return otherwise;
        }
        endTag();
        if (end.equals("endif")) return new Statement.If(condition, then, List.of());
        List<Statement> otherwise = block(Set.of("endif"));
        tokens.next();
        endTag();
        return new Statement.If(condition, then, otherwise);
    }

    private Statement assignment() {
        int at = tokens.at();
        List<String> variables = variables();
        String variable = variables.getFirst();
        if (variables.size() == 1 && tokens.takeOperator(".")) {
            String member = tokens.require(Kind.NAME, "a name");
            tokens.requireOperator("=");
            Expression value = expressions.tuple();
            endTag();
            return new Statement.SetMember(variable, member, value, at);
        }
        boolean block = tokens.peek().kind() == Kind.TAG_END || tokens.peek().isOperator("|");
        if (variables.size() == 1 && block) {
            Expression filtered = expressions.withFilters(new Expression.Variable(Statement.FilterBlock.BODY, at));
            endTag();
            List<Statement> body = block(Set.of("endset"));
            endOf();
            return new Statement.SetBlock(variable, filtered, body);
        }
        tokens.requireOperator("=");
        Expression value = expressions.tuple();
        endTag();
        return new Statement.Set(variables, value);
    }

    private void endTag() {
        tokens.require(Kind.TAG_END, "`%}`");
    }
}
