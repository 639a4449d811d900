/** The literal stands in the SDK, because plugins tap it; the kernel imports it from here. */
export { kernelHooks, kernelSlots } from '@nusantara/sdk'
