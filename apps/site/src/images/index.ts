export { imagePaths, takeImagesIntoHome, writeTensorsOfHome } from "./home-images.ts";
export { imageContributor } from "./image-contributor.ts";
export type { TakeImagesReport } from "./take-images.ts";
export type { TensorTableReport } from "./tensor-table.ts";
