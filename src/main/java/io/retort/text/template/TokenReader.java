package io.retort.text.template;

import java.util.List;

import io.retort.text.template.Token.Kind;

/** The words of a chat template as a parser reads them, and how deep it has gone. */
final class TokenReader {
    private static final int MAX_DEPTH = 64;
    /** Chains of operators nest when they are evaluated: no stack is deep enough for all that a file could hold. */
    private static final int MAX_WORDS = 500;

    private final Source source;
    private final List<Token> tokens;
    private int place;
    private int depth;
    private int words;

    TokenReader(Source source) {
        this.source = source;
        tokens = Lexer.tokens(source);
    }

    Source source() {
        return source;
    }

    Token peek() {
        return tokens.get(place);
    }

    /** Looks at the word after the next, without reading it. */
    Token second() {
        return tokens.get(Math.min(place + 1, tokens.size() - 1));
    }

    int at() {
        return peek().at();
    }

    Token next() {
        Token token = peek();
        if (token.kind() != Kind.END) place++;
        boolean begins = token.kind() == Kind.TAG_BEGIN || token.kind() == Kind.OUTPUT_BEGIN;
        words = begins || token.kind() == Kind.TEXT ? 0 : words + 1;
        if (words > MAX_WORDS) throw source.fault(token.at(), "a tag of more than " + MAX_WORDS + " words");
        return token;
    }

    boolean takeOperator(String operator) {
        boolean there = peek().isOperator(operator);
        if (there) next();
        return there;
    }

    boolean takeName(String name) {
        boolean there = peek().isName(name);
        if (there) next();
        return there;
    }

    void requireOperator(String operator) {
        if (!takeOperator(operator)) throw expected("`" + operator + "`");
    }

    String require(Kind kind, String what) {
        if (peek().kind() != kind) throw expected(what);
        return next().text();
    }

    RuntimeException expected(String what) {
        return source.fault(at(), what + " expected instead of " + peek().quoted());
    }

    void enter() {
        if (++depth > MAX_DEPTH) throw source.fault(at(), "nested deeper than " + MAX_DEPTH);
    }

    void leave() {
        depth--;
    }
}
