// SPDX-License-Identifier: LGPL-2.1-or-later

/* The part of librunconf that is made for JavaScript. GJS loads this file together with the library.
 *
 * The bus has no null: the empty signature, of the type `g`, stands for null. Variant.recursiveUnpack ()
 * makes an empty string of it, as of an empty string.
 */

const {GLib} = imports.gi;

let Runconf;

function unpackMapping(variant) {
    const mapping = {};
    for (let i = 0; i < variant.n_children(); i++) {
        const entry = variant.get_child_value(i);
        // a key like __proto__ is an ordinary key, too
        Object.defineProperty(mapping, entry.get_child_value(0).get_string()[0], {
            value: unpack(entry.get_child_value(1)),
            configurable: true,
            enumerable: true,
            writable: true,
        });
    }
    return mapping;
}

function unpackSequence(variant) {
    const sequence = [];
    for (let i = 0; i < variant.n_children(); i++)
        sequence.push(unpack(variant.get_child_value(i)));
    return sequence;
}

// The JavaScript value of a GVariant: null is null, binary is a Uint8Array.
function unpack(variant) {
    const type = variant.get_type_string();
    if (type === 'v')
        return unpack(variant.get_variant());
    if (type.startsWith('a{s'))
        return unpackMapping(variant);
    if (type === 'ay')
        return variant.get_data_as_bytes().toArray();
    if (type.startsWith('a') || type.startsWith('('))
        return unpackSequence(variant);
    if (type === 'g' && variant.get_string()[0] === '')
        return null;
    return variant.deepUnpack();
}

function packNumber(number) {
    return Number.isSafeInteger(number) && !Object.is(number, -0)
        ? GLib.Variant.new_int64(number) : GLib.Variant.new_double(number);
}

function packMapping(mapping) {
    const entries = Object.entries(mapping).map(([key, value]) => GLib.Variant.new_dict_entry(
        GLib.Variant.new_string(key), GLib.Variant.new_variant(pack(value))));
    return GLib.Variant.new_array(new GLib.VariantType('{sv}'), entries);
}

// The GVariant of a JavaScript value; a GVariant is returned unchanged.
function pack(value) {
    if (value instanceof GLib.Variant)
        return value;
    if (value === null)
        return GLib.Variant.new_signature('');
    if (typeof value === 'boolean')
        return GLib.Variant.new_boolean(value);
    if (typeof value === 'number')
        return packNumber(value);
    if (typeof value === 'string')
        return GLib.Variant.new_string(value);
    if (value instanceof Uint8Array)
        return GLib.Variant.new_from_bytes(new GLib.VariantType('ay'), new GLib.Bytes(value), true);
    if (Array.isArray(value))
        return GLib.Variant.new_array(new GLib.VariantType('v'),
            value.map(child => GLib.Variant.new_variant(pack(child))));
    if (typeof value === 'object')
        return packMapping(value);
    throw new TypeError(`a configuration can't hold a value of the type ${typeof value}`);
}

// The value at a path as a JavaScript value, or the fallback if there is none.
function get(path, fallback = undefined) {
    const value = this.get_value(path);
    return value === null ? fallback : unpack(value);
}

function _init() {
    Runconf = this;
    Runconf.unpack = unpack;
    Runconf.pack = pack;
    Runconf.Configuration.prototype.get = get;
    Runconf.Snapshot.prototype.get = get;
}
