/** A ticket's code as a picture. Medium error correction: a folded print is still read. */
import QRCode from 'qrcode';

const LEVEL = 'M';
/** Of a module, so that the picture is sharp on paper too. */
const PIXELS = 6;

export const qrPng = (code: string): Promise<Buffer> =>
  QRCode.toBuffer(code, { type: 'png', errorCorrectionLevel: LEVEL, scale: PIXELS });

export const qrSvg = (code: string): Promise<string> =>
  QRCode.toString(code, { type: 'svg', errorCorrectionLevel: LEVEL });
