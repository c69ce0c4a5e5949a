package dev.cresset.kernels.plan;

/**
 * What may be chosen for a plan.
 *
 * @param convolutions how their tensors lie on a device
 * @param branches     whether steps that do not depend on each other get memory of their own, so that they may run at once
 */
record Form(DeviceConvolutions.Layout convolutions, boolean branches) {
    /** As the tensors come, one step after the other. */
    static final Form PLAIN = new Form(DeviceConvolutions.Layout.AS_GIVEN, false);
}
