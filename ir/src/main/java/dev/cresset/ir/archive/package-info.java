/**
 * Reads model files. {@link dev.cresset.ir.archive.ModelFile} is the way in; {@link dev.cresset.ir.archive.Archive} is
 * the zip file with its records, {@link dev.cresset.ir.archive.pickle} the objects stored in it. No input makes the
 * reader run code, exhaust memory, overflow the stack or hang: what is wrong is an
 * {@link dev.cresset.ir.diag.ArchiveException} that names the entry.
 */
package dev.cresset.ir.archive;
