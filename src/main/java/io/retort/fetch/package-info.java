/**
 * Where models come from: the catalogue of known ones, what comes with Retort, Maven artefacts, the Hugging Face Hub,
 * and downloads that are resumed and checked.
 *
 * <p>Entry types: {@link io.retort.fetch.ModelLookup} (a model by what a person calls it, without network), {@link
 * io.retort.fetch.ModelPull} (a model from outside), {@link io.retort.fetch.ModelCatalog}, {@link
 * io.retort.fetch.BundledFiles}.
 *
 * <p>May import {@code files}, {@code tensor}, {@code retrieval} and {@code store}. The only room that opens a
 * connection to fetch a file. The catalogue belongs to any thread, a download to one; several processes may fetch
 * the same model.
 */
package io.retort.fetch;
