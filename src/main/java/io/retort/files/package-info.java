/**
 * The ground every other room stands on: telling a user what is wrong with a file, and never leaving half a file
 * behind.
 *
 * <p>Entry types: {@link io.retort.files.BadInput} (the one exception for bad input), {@link
 * io.retort.files.InputFile} (files and streams that can be read only once), {@link io.retort.files.AtomicFile}
 * (crash-safe writing), {@link io.retort.files.JsonLines} and {@link io.retort.files.TextLines} (strict JSONL and plain
 * text, also compressed), {@link io.retort.files.TextInput} (texts of other tools, whatever their encoding), {@link io.retort.files.JsonFile} (settings), {@link io.retort.files.WhiteSpace} (what is blank),
 * {@link io.retort.files.Sha256}.
 *
 * <p>Imports no other room; every room may import it. Instances belong to one thread, static methods to any.
 */
package io.retort.files;
