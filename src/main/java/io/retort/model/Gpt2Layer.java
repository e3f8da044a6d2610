package io.retort.model;

import io.retort.graph.Graph;
import io.retort.graph.Layers;
import io.retort.graph.Node;

/**
 * A layer of GPT-2 (Radford et al. 2019). Its weights are {@code [in, out]}, as GPT2LMHeadModel keeps them; {@code
 * c_attn}, there one matrix for queries, keys and values, is three here ({@link FusedProjection}).
 */
record Gpt2Layer(Graph graph, DecoderConfig config, String name) implements DecoderLayer {
    Gpt2Layer(Graph graph, DecoderConfig config, int layer) {
        this(graph, config, "transformer.h." + layer + ".");
    }

    @Override
    public Node attentionNorm(Node x) {
        return Layers.layerNorm(graph, name + "ln_1", x, config.dim(), config.normEpsilon());
    }

    @Override
    public Node query(Node x) {
        return projection(FusedProjection.QUERY, x, config.dim(), config.dim());
    }

    @Override
    public Node key(Node x) {
        return projection(FusedProjection.KEY, x, config.dim(), config.dim());
    }

    @Override
    public Node value(Node x) {
        return projection(FusedProjection.VALUE, x, config.dim(), config.dim());
    }

    @Override
    public Node output(Node mixed) {
        return projection("attn.c_proj", mixed, config.dim(), config.dim());
    }

    @Override
    public Node feedForwardNorm(Node x) {
        return Layers.layerNorm(graph, name + "ln_2", x, config.dim(), config.normEpsilon());
    }

    @Override
    public Node feedForward(Node x) {
        Node inner = Layers.geluTanh(graph, projection("mlp.c_fc", x, config.dim(), config.feedForward()));
        return projection("mlp.c_proj", inner, config.feedForward(), config.dim());
    }

    private Node projection(String part, Node x, int in, int out) {
        Node product = graph.matmul(x, graph.parameter(name + part + ".weight", in, out));
        return graph.add(product, graph.parameter(name + part + ".bias", out));
    }
}
