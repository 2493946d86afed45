// SPDX-License-Identifier: LGPL-2.1-or-later

// The functions that vapigen can't make of the introspection data.
namespace Runconf {
	public class Configuration : GLib.Object {
		[CCode (cname = "runconf_configuration_bind_with_mapping_closures")]
		public void bind_with_mapping (string path, GLib.Object object, string property, Runconf.BindFlags flags, [CCode (type = "GClosure*")] owned Runconf.BindGetMapping? get_mapping, [CCode (type = "GClosure*")] owned Runconf.BindSetMapping? set_mapping);
	}
}
