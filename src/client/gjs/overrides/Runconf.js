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

// The calls of a configuration that have a form with a callback, each with a function that prepares its arguments.
const packFirst = (first, ...rest) => [pack(first), ...rest];
const packSecond = (first, second, ...rest) => [first, pack(second), ...rest];
const keep = (...args) => args;
// the defaults of the program and the flags may be left out
const packDefaults = (where, name, defaults, flags, ...rest) =>
    [where, name, defaults === null ? null : pack(defaults), flags ?? Runconf.OpenFlags.DEFAULT, ...rest];
// a write of one path returns the version of its change, and throws its error
const readVersion = ([, version]) => version;
const calls = {
    apply: keep,
    confirm: keep,
    describe: keep,
    diff: keep,
    dump: keep,
    explain: keep,
    fetch_value: keep,
    flush: keep,
    history: keep,
    is_writable: keep,
    merge: packFirst,
    merge_text: keep,
    reload: keep,
    replace_text: keep,
    replace_value: packSecond,
    reset: keep,
    revert: keep,
    save: packFirst,
    set_boolean: keep,
    set_double: keep,
    set_enum: keep,
    set_flags: keep,
    set_int64: keep,
    set_string: keep,
    set_strv: keep,
    set_uint64: keep,
    set_value: packSecond,
    unset: keep,
};

// The promise of a call: `start` gets a callback, and `finish` makes the result of the reply.
function promise(start, finish) {
    return new Promise((resolve, reject) => {
        start((_source, reply) => {
            try {
                resolve(finish(reply));
            } catch (error) {
                reject(error);
            }
        });
    });
}

/* Lets a method with a callback return a promise, if the caller gives no callback. The cancellable may be left out,
 * and stands at the end of the `length` arguments before the callback.
 */
function promisify(owner, name, prepare, read = reply => reply) {
    const start = owner[name];
    const finish = owner[`${name}_finish`];
    const length = start.length - 1;

    owner[`${name}_finish`] = function (reply) {
        return read(finish.call(this, reply));
    };
    owner[name] = function (...args) {
        if (args.length > length)
            return start.apply(this, prepare(...args));
        const prepared = prepare(...args, ...Array(length - args.length).fill(null));
        return promise(callback => start.call(this, ...prepared, callback), reply => read(finish.call(this, reply)));
    };
}

// The same arguments in the form that blocks.
function relax(owner, name, prepare, read = reply => reply) {
    const blocking = owner[name];

    owner[name] = function (...args) {
        const missing = Array(Math.max(0, blocking.length - args.length)).fill(null);
        return read(blocking.apply(this, prepare(...args, ...missing)));
    };
}

function prepareCall(prototype, name) {
    const read = /^(set_|replace_value|reset|unset)/.test(name) ? readVersion : undefined;
    promisify(prototype, name, calls[name], read);
    relax(prototype, `${name}_sync`, calls[name], read);
}

// The value at a path, read from the service, as a JavaScript value.
async function fetch(path, cancellable = null) {
    return unpack(await this.fetch_value(path, cancellable));
}

function fetchSync(path, cancellable = null) {
    return unpack(this.fetch_value_sync(path, cancellable));
}

function set(...args) {
    return this.set_value(...args);
}

function setSync(...args) {
    return this.set_value_sync(...args);
}

// The iterators of running loops: while a loop waits, nothing else in JavaScript refers to its watch.
const iterators = new Set();

/* `for await (const change of config.watch('/chat'))`: each step is a change, in order. The changes count from the
 * beginning of the loop on, and the end of the loop disconnects from the watch.
 */
class Changes {
    constructor(watch) {
        this._watch = watch;
        this._changes = [];
        this._waiting = [];
        this._handler = watch.connect('changed', (_watch, change) => this._take(change));
        iterators.add(this);
    }

    _take(change) {
        if (this._waiting.length > 0)
            this._waiting.shift()({value: change, done: false});
        else
            this._changes.push(change);
    }

    [Symbol.asyncIterator]() {
        return this;
    }

    next() {
        return new Promise(resolve => {
            if (this._changes.length > 0)
                resolve({value: this._changes.shift(), done: false});
            else if (this._watch === null)
                resolve({value: undefined, done: true});
            else
                this._waiting.push(resolve);
        });
    }

    // Ends the loop, from its body or from elsewhere.
    return(value) {
        this._watch?.disconnect(this._handler);
        this._watch?.stop();
        this._watch = null;
        this._changes = [];
        iterators.delete(this);
        this._waiting.splice(0).forEach(resolve => resolve({value: undefined, done: true}));
        return Promise.resolve({value, done: true});
    }
}

// The values at paths, as a mapping; paths without a value are missing.
function collectValues(paths, getValue) {
    const values = {};
    for (const path of paths) {
        const value = getValue(path);
        if (value !== null)
            values[path] = unpack(value);
    }
    return values;
}

// Properties of a structure, which has functions only.
function addProperties(prototype, names) {
    for (const name of names) {
        Object.defineProperty(prototype, name, {
            get() {
                return this[`get_${name}`]();
            },
        });
    }
}

function extendChange(prototype) {
    addProperties(prototype, ['version', 'time', 'origin', 'layer', 'uid', 'caller', 'message', 'paths']);
    Object.defineProperties(prototype, {
        values: {
            get() {
                return collectValues(this.paths, path => this.get_new_value(path));
            },
        },
        old_values: {
            get() {
                return collectValues(this.paths, path => this.get_old_value(path));
            },
        },
    });
}

// Where there is no value, undefined: null is a value.
function unpackIfAny(variant) {
    return variant === null ? undefined : unpack(variant);
}

function extendDescription(prototype) {
    addProperties(prototype, ['path', 'value_type', 'layer', 'source', 'file', 'line', 'column', 'lock', 'version',
        'time', 'title', 'description', 'ignored', 'layers']);
    Object.defineProperties(prototype, {
        value: {
            get() {
                return unpackIfAny(this.get_value());
            },
        },
        default_value: {
            get() {
                return unpackIfAny(this.get_default_value());
            },
        },
        writable: {
            get() {
                return this.is_writable();
            },
        },
        secret: {
            get() {
                return this.is_secret();
            },
        },
    });
}

// Operations of a transaction, with JavaScript values. Each returns the transaction.
function addOperation(name, prepare = keep) {
    const add = Runconf.Transaction.prototype[name];

    return function (...args) {
        add.apply(this, prepare(...args));
        return this;
    };
}

function extendTransaction(prototype) {
    prototype.set_value = prototype.set = addOperation('set_value', packSecond);
    prototype.replace_value = prototype.replace = addOperation('replace_value', packSecond);
    prototype.merge = addOperation('merge', packSecond);
    prototype.save = addOperation('save', packFirst);
    prototype.reset = addOperation('reset');
    prototype.unset = addOperation('unset');
    prototype.merge_text = addOperation('merge_text');
    prototype.replace_text = addOperation('replace_text');
    prototype.revert = addOperation('revert');
}

function extendConfiguration(prototype) {
    Object.keys(calls).forEach(name => prepareCall(prototype, name));
    Object.assign(prototype, {get, set, fetch, set_sync: setSync, fetch_sync: fetchSync});
}

function _init() {
    Runconf = this;
    Runconf.unpack = unpack;
    Runconf.pack = pack;
    Runconf.Snapshot.prototype.get = get;
    Runconf.Watch.prototype[Symbol.asyncIterator] = function () {
        return new Changes(this);
    };
    extendDescription(Runconf.Description.prototype);
    addProperties(Runconf.Info.prototype, ['name', 'version', 'state', 'state_message']);
    extendConfiguration(Runconf.Configuration.prototype);
    extendTransaction(Runconf.Transaction.prototype);
    extendChange(Runconf.Change.prototype);
    const newInMemory = Runconf.Configuration.new_in_memory;
    Runconf.Configuration.new_in_memory = (name = 'default', defaults = {}) => newInMemory(name, pack(defaults));
    for (const name of ['new', 'new_for_connection']) {
        promisify(Runconf.Configuration, name, packDefaults);
        relax(Runconf.Configuration, `${name}_sync`, packDefaults);
    }
    promisify(Runconf, 'list_configurations', keep);
}
