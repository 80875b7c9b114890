/** Larger icons are made smaller; pages show nothing larger. */
export const MAX_ICON_SIDE = 512;

/** Of several sizes of one icon: the smallest that fills the largest one shown, else the largest; of equal ones the one with more colours. */
export function preferred<Image extends { readonly side: number; readonly bits: number }>(images: readonly Image[]): Image | undefined {
  const rank = ({ side }: Image): number => (side >= MAX_ICON_SIDE ? 2 * MAX_ICON_SIDE - side / MAX_ICON_SIDE : side);
  return [...images].sort((a, b) => rank(b) - rank(a) || b.bits - a.bits)[0];
}
