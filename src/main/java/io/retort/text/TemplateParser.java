package io.retort.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import io.retort.text.TemplateToken.Kind;

/** Reads the statements of a chat template. */
final class TemplateParser {
    private final TemplateTokens tokens;
    private final TemplateExpressionParser expressions;

    private TemplateParser(TemplateTokens tokens) {
        this.tokens = tokens;
        expressions = new TemplateExpressionParser(tokens);
    }

    static List<TemplateStatement> parse(TemplateSource source) {
        var parser = new TemplateParser(new TemplateTokens(source));
        List<TemplateStatement> statements = parser.block(Set.of());
        if (parser.tokens.peek().kind() != Kind.END) throw parser.tokens.expected("the template's end");
        return statements;
    }

    /** Statements up to one of these tags, of which the name is the next word; or up to the end. */
    private List<TemplateStatement> block(Set<String> ends) {
        tokens.enter();
        List<TemplateStatement> statements = new ArrayList<>();
        while (true) {
            TemplateToken token = tokens.peek();
            switch (token.kind()) {
                case TEXT -> statements.add(new TemplateStatement.Literal(tokens.next().text()));
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

    private TemplateStatement output() {
        tokens.next();
        TemplateExpression value = expressions.expression();
        tokens.require(Kind.OUTPUT_END, "`}}`");
        return new TemplateStatement.Output(value);
    }

    private TemplateStatement tag() {
        int at = tokens.at();
        String name = tokens.require(Kind.NAME, "the name of a tag");
        return switch (name) {
            case "for" -> loop();
            case "if" -> condition();
            case "set" -> assignment();
            default -> throw tokens.source().unsupported(at, "`{% " + name + " %}`");
        };
    }

    private TemplateStatement loop() {
        String variable = tokens.require(Kind.NAME, "a variable");
        if (tokens.peek().isOperator(",")) throw tokens.source().unsupported(tokens.at(), "a loop over pairs");
        if (!tokens.takeName("in")) throw tokens.expected("`in`");
        TemplateExpression sequence = expressions.withoutChoice();
        if (tokens.peek().kind() == Kind.NAME) {
            throw tokens.source().unsupported(tokens.at(), "`" + tokens.peek().text() + "` in a loop");
        }
        endTag();
        List<TemplateStatement> body = block(Set.of("endfor", "else"));
        if (tokens.peek().isName("else")) throw tokens.source().unsupported(tokens.at(), "`else` of a loop");
        tokens.next();
        endTag();
        return new TemplateStatement.For(variable, sequence, body);
    }

    private TemplateStatement condition() {
        TemplateExpression condition = expressions.expression();
        endTag();
        List<TemplateStatement> then = block(Set.of("endif", "elif", "else"));
        String end = tokens.next().text();
        if (end.equals("elif")) {
            tokens.enter();
            var otherwise = new TemplateStatement.If(condition, then, List.of(condition()));
            tokens.leave();
            return otherwise;
        }
        endTag();
        if (end.equals("endif")) return new TemplateStatement.If(condition, then, List.of());
        List<TemplateStatement> otherwise = block(Set.of("endif"));
        tokens.next();
        endTag();
        return new TemplateStatement.If(condition, then, otherwise);
    }

    private TemplateStatement assignment() {
        int at = tokens.at();
        String variable = tokens.require(Kind.NAME, "a variable");
        String member = tokens.takeOperator(".") ? tokens.require(Kind.NAME, "a name") : "";
        if (tokens.peek().kind() == Kind.TAG_END) throw tokens.source().unsupported(at, "`set` as a block");
        tokens.requireOperator("=");
        TemplateExpression value = expressions.expression();
        endTag();
        return member.isEmpty()
                ? new TemplateStatement.Set(variable, value)
                : new TemplateStatement.SetMember(variable, member, value, at);
    }

    private void endTag() {
        tokens.require(Kind.TAG_END, "`%}`");
    }
}
