/**
 * The restricted unpickler and what it returns. Archives of version 1 and 2 carry no types of lists and dictionaries;
 * there, the loader takes them from the types of the attributes.
 */
package dev.cresset.ir.archive.pickle;
